using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>Reads requests as RFC 9112 writes them, reports each departure, and gives a connection up at the first.</summary>
internal sealed partial class StrictReader(Stream stream, Action<string> violate)
{
    private static readonly string[] HopByHop = ["Keep-Alive", "Proxy-Connection", "Upgrade", "Proxy-Authorization", "X-Content-Length"];

    /// <summary>The next whole request; null where the connection ends or goes wrong first.</summary>
    public async Task<StrictRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await ReadLineAsync(cancellationToken) is not { } start) return null;
        var line = RequestLine().Match(start);
        if (!line.Success) return Fail("request line", start);

        if (await ReadFieldsAsync(cancellationToken) is not { } fields) return null;
        var request = new StrictRequest(line.Groups["method"].Value, line.Groups["target"].Value, fields);
        var hosts = fields.Count(field => Is(field.Name, "Host"));
        if (hosts != 1 || !Authority().IsMatch(request["Host"]!)) return Fail($"{hosts} Host fields", request["Host"] ?? string.Empty);
        if (fields.FirstOrDefault(field => HopByHop.Contains(field.Name, StringComparer.OrdinalIgnoreCase)).Name is { } hop) return Fail("hop-by-hop field", hop);

        var lengths = fields.Count(field => Is(field.Name, "Content-Length"));
        var codings = fields.Count(field => Is(field.Name, "Transfer-Encoding"));
        if (lengths + codings > 1) return Fail("framing fields", (lengths + codings).ToString(CultureInfo.InvariantCulture));
        if (Is(request["Expect"] ?? string.Empty, "100-continue")) await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), cancellationToken);
        if (codings == 1) return request["Transfer-Encoding"] == "chunked" ? await ReadChunksAsync(request, cancellationToken) : Fail("coding", request["Transfer-Encoding"]!);
        if (lengths == 0) return request;

        var length = request["Content-Length"]!;
        if (!Length().IsMatch(length)) return Fail("length", length);
        return await ReadOctetsAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken) is { } body ? request with { Body = body } : null;
    }

    private static bool Is(string name, string wanted) => string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase);

    private async Task<List<(string Name, string Value)>?> ReadFieldsAsync(CancellationToken cancellationToken)
    {
        var fields = new List<(string Name, string Value)>();
        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0) return fields;
            var match = Field().Match(line);
            if (!match.Success)
            {
                Fail("field", line);
                return null;
            }

            fields.Add((match.Groups["name"].Value, match.Groups["value"].Value));
        }

        return null;
    }

    private async Task<StrictRequest?> ReadChunksAsync(StrictRequest request, CancellationToken cancellationToken)
    {
        var body = new StringBuilder();
        while (await ReadLineAsync(cancellationToken) is { } size)
        {
            if (!ChunkSize().IsMatch(size)) return Fail("chunk size", size);
            var count = int.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (count == 0)
            {
                if (await ReadFieldsAsync(cancellationToken) is not { } trailers) return null;
                var wrong = trailers.FirstOrDefault(field => Is(field.Name, "Host") || Is(field.Name, "Content-Length") || Is(field.Name, "Transfer-Encoding")
                    || field.Name.Replace('_', '-').StartsWith("Portcullis-", StringComparison.OrdinalIgnoreCase)).Name;
                return wrong is null ? request with { Body = body.ToString(), Trailers = trailers } : Fail("trailer", wrong);
            }

            if (await ReadOctetsAsync(count, cancellationToken) is not { } chunk) return null;
            body.Append(chunk);
            if (await ReadLineAsync(cancellationToken) is not { } end) return null;
            if (end.Length > 0) return Fail("end of chunk", end);
        }

        return null;
    }

    private async Task<string?> ReadOctetsAsync(int count, CancellationToken cancellationToken)
    {
        var octets = new byte[count];
        return await stream.ReadAtLeastAsync(octets, count, throwOnEndOfStream: false, cancellationToken) == count ? Encoding.Latin1.GetString(octets) : null;
    }

    // A line up to CR LF, without it; null at the end of the connection. Bare CR and LF stay in the line, where no rule allows them.
    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var octet = new byte[1];
        while (await stream.ReadAsync(octet, cancellationToken) == 1)
        {
            line.Append((char)octet[0]);
            if (octet[0] == '\n' && line.Length > 1 && line[^2] == '\r') return line.ToString(0, line.Length - 2);
        }

        return null;
    }

    private StrictRequest? Fail(string what, string text)
    {
        violate($"{what}: {text}");
        return null;
    }

    // RFC 9112 §3, RFC 3986 §3.3: only octets that may stand in a path. A query goes on as it was sent, which with browsers is any visible ASCII.
    [GeneratedRegex("""\A(?<method>[!#$%&'*+\-.^_`|~0-9A-Za-z]+) (?<target>\*|/([A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*(\?[!-"$-~]*)?) HTTP/1\.1\z""", RegexOptions.ExplicitCapture)]
    private static partial Regex RequestLine();

    // RFC 9110 §5.1, §5.5: octets above 127 may stand in values, control characters but HTAB may not.
    [GeneratedRegex(@"\A(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(?<value>([\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff\t]*[\x21-\x7e\x80-\xff])?)?)[ \t]*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Field();

    [GeneratedRegex(@"\A([A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+(:[0-9]*)?\z|\A\[[0-9A-Fa-f:.]+\](:[0-9]*)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Authority();

    [GeneratedRegex(@"\A[0-9]{1,9}\z")]
    private static partial Regex Length();

    [GeneratedRegex(@"\A[0-9A-Fa-f]{1,7}\z")]
    private static partial Regex ChunkSize();
}
