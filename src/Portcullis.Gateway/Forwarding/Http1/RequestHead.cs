using System.Buffers;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// Writes request heads and trailer sections as octets. Every part is checked once more here, whoever made it: nothing
/// leaves that an upstream could read as another line, another length or another request.
/// </summary>
internal static class RequestHead
{
    private const string NotYours = "a field is given that the client writes itself";

    /// <summary>Appends the head.</summary>
    /// <returns>Null, or what is wrong with the request; the output then is not to be sent.</returns>
    public static string? Write(OutputBuffer output, UpstreamRequest request)
    {
        // CONNECT would turn the connection into a tunnel (RFC 9112 §6.3, rule 2).
        if (!FieldSyntax.IsToken(request.Method) || request.Method == "CONNECT")
            return "the method is not allowed";
        if (request.Target.Length == 0 || (request.Target[0] != '/' && request.Target != "*") || !IsVisible(request.Target))
            return "the target is not in origin form";
        if (request.Host.Length == 0 || !IsVisible(request.Host))
            return "the host is malformed";

        output.AppendLatin1(request.Method);
        output.Append(" "u8);
        output.AppendLatin1(request.Target);
        output.Append(" HTTP/1.1\r\nHost: "u8);
        output.AppendLatin1(request.Host);
        output.Append("\r\n"u8);
        if (WriteFields(output, request.Fields) is { } error)
            return error;

        if (WriteOwn(output, request) is { } wrong)
            return wrong;
        output.Append("\r\n"u8);
        return null;
    }

    /// <summary>Appends the field lines of a trailer section, leaving out what has no place there.</summary>
    public static string? WriteTrailers(OutputBuffer output, IEnumerable<KeyValuePair<string, StringValues>> trailers)
    {
        foreach (var (name, values) in trailers)
        {
            if (EndToEnd.MayBeTrailer(name) && WriteField(output, name, FieldTraits.None, values, FieldTraits.NotInTrailers) is { } error)
                return error;
        }

        return null;
    }

    private static string? WriteFields(OutputBuffer output, FieldTable fields)
    {
        if (fields.ContentLength is not null)
            return NotYours;

        foreach (ref readonly var field in fields.Fields)
        {
            if (!field.HasOctets)
            {
                if (WriteField(output, field.Name, field.Traits, fields.ValueOf(field), FieldTraits.OwnedByClient) is { } error)
                    return error;
                continue;
            }

            // Name and value were checked when they came in.
            if ((field.Traits & FieldTraits.OwnedByClient) != FieldTraits.None)
                return NotYours;
            output.AppendLatin1(field.Name);
            output.Append(": "u8);
            output.Append(fields.OctetsOf(field));
            output.Append("\r\n"u8);
        }

        return null;
    }

    private static string? WriteOwn(OutputBuffer output, UpstreamRequest request)
    {
        if (request.Body is not null && request.ContentLength is null)
        {
            output.Append("Transfer-Encoding: chunked\r\n"u8);
        }
        else if (request.Body is not null || request.Method is "POST" or "PUT" or "PATCH")
        {
            // RFC 9110 §8.6: a method that is expected to have content says so when there is none.
            var length = request.Body is null ? 0 : request.ContentLength!.Value;
            if (length < 0)
                return "the length is negative";
            output.Append("Content-Length: "u8);
            output.AppendNumber(length);
            output.Append("\r\n"u8);
        }

        if (request.ExpectContinue && request.Body is not null)
            output.Append("Expect: 100-continue\r\n"u8);

        if (request.Upgrade is { } protocol)
        {
            if (!IsVisible(protocol) || protocol.Length == 0)
                return "the protocol to upgrade to is malformed";
            output.Append("Connection: Upgrade\r\nUpgrade: "u8);
            output.AppendLatin1(protocol);
            output.Append("\r\n"u8);
        }
        else if (request.AcceptsTrailers)
        {
            output.Append("TE: trailers\r\nConnection: TE\r\n"u8); // RFC 9110 §10.1.4
        }

        return null;
    }

    private static string? WriteField(OutputBuffer output, string name, FieldTraits traits, StringValues values, FieldTraits forbidden)
    {
        if ((traits & FieldTraits.Known) == FieldTraits.None)
        {
            if (!FieldSyntax.IsToken(name))
                return "a field name is not a token";
            traits = KnownFields.TraitsOf(name);
        }

        if ((traits & forbidden) != FieldTraits.None)
            return NotYours;

        for (var i = 0; i < values.Count; i++)
        {
            var value = values[i] ?? string.Empty;
            if (!IsText(value))
                return "a field value holds a control character or is not Latin-1";

            output.AppendLatin1(name);
            output.Append(": "u8);
            output.AppendLatin1(value);
            output.Append("\r\n"u8);
        }

        return null;
    }

    private static bool IsVisible(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static bool IsText(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return true;

        foreach (var c in text)
        {
            if ((c < ' ' && c != '\t') || c is '\x7F' or > '\xFF')
                return false;
        }

        return true;
    }
}
