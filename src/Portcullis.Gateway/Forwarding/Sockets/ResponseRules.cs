using System.Net;

namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>What a response head must keep to beyond what <see cref="SocketsHttpHandler"/> checks itself.</summary>
internal static class ResponseRules
{
    public static ForwardError Check(HttpResponseMessage response, UpstreamRequest request)
    {
        // RFC 9110 §15: 200 to 599. 101 only where an upgrade was asked for (§7.8).
        var status = (int)response.StatusCode;
        if (status == 101)
        {
            if (request.Upgrade is null || response.Version.Major > 1) return ForwardError.InvalidResponse;
        }
        else if (status is < 200 or > 599)
        {
            return ForwardError.InvalidResponse;
        }

        // RFC 9112 §6.3: a length beside a transfer coding is an attempt to smuggle; only chunked is understood here.
        var isChunked = false;
        string? length = null;
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (!AreValid(name, values)) return ForwardError.InvalidResponse;
            if (!name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)) continue;
            if (isChunked || !values.ToString().Equals("chunked", StringComparison.OrdinalIgnoreCase) || response.Version != HttpVersion.Version11) return ForwardError.InvalidResponse;
            isChunked = true;
        }

        foreach (var (name, values) in response.Content.Headers.NonValidated)
        {
            if (!AreValid(name, values)) return ForwardError.InvalidResponse;
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) continue;
            length = values.ToString();
            if (values.Count != 1 || length.Length is 0 or > 18 || length.AsSpan().ContainsAnyExceptInRange('0', '9')) return ForwardError.InvalidResponse;
        }

        return isChunked && length is not null ? ForwardError.InvalidResponse : ForwardError.None;
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
