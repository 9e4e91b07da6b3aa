using System.Net;

namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>What a response head must keep to beyond what <see cref="SocketsHttpHandler"/> checks itself.</summary>
internal static class ResponseRules
{
    public static ForwardError Check(HttpResponseMessage response)
    {
        // RFC 9110 §15: a final status is from 200 to 599. HTTP/2 has no 101 (RFC 9113 §8.6).
        if ((int)response.StatusCode is < 200 or > 599) return ForwardError.InvalidResponse;
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            // RFC 9113 §8.2.2: a message with fields of one connection is malformed.
            if (!AreValid(name, values) || EndToEnd.IsConnectionSpecific(name)) return ForwardError.InvalidResponse;
        }

        foreach (var (name, values) in response.Content.Headers.NonValidated)
        {
            if (!AreValid(name, values)) return ForwardError.InvalidResponse;
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) continue;
            var length = values.ToString();
            if (values.Count != 1 || length.Length is 0 or > 18 || length.AsSpan().ContainsAnyExceptInRange('0', '9')) return ForwardError.InvalidResponse;

            // RFC 9110 §15.3.6: a 205 has no content.
            if (response.StatusCode == HttpStatusCode.ResetContent && length.AsSpan().ContainsAnyExcept('0')) return ForwardError.InvalidResponse;
        }

        return ForwardError.None;
    }

    private static bool AreValid(string name, System.Net.Http.Headers.HeaderStringValues values)
    {
        if (!FieldSyntax.IsToken(name)) return false;
        foreach (var value in values)
        {
            if (!FieldSyntax.IsValue(value)) return false;
        }

        return true;
    }
}
