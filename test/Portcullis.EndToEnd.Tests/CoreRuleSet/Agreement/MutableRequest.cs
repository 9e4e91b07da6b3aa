using System.Globalization;
using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>
/// A request taken apart, each character a byte. It is put together as every server accepts it, since firewalls are compared here and not what is in front of them.
/// </summary>
internal sealed class MutableRequest
{
    private static readonly string[] Framing = ["Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "Keep-Alive", "Proxy-Connection", "TE", "Trailer"];

    public string Method { get; set; } = "GET";

    public string Path { get; set; } = "/";

    /// <summary>The parts between the ampersands, or empty.</summary>
    public List<string> Query { get; private init; } = [];

    public List<(string Name, string Value)> Headers { get; private init; } = [];

    public string Body { get; set; } = string.Empty;

    public string ContentType => Headers.Find(header => Is(header, "Content-Type")).Value ?? string.Empty;

    /// <summary>Null where the bytes are not a plain HTTP/1 request with a path.</summary>
    public static MutableRequest? Parse(byte[] request)
    {
        var parts = Encoding.Latin1.GetString(request).Split("\r\n\r\n", 2);
        var lines = parts[0].Split("\r\n");
        if (parts.Length < 2 || lines[0].Split(' ') is not [var method, ['/', ..] target, "HTTP/1.0" or "HTTP/1.1"] || !method.All(char.IsAsciiLetterUpper) || method is "CONNECT" or "TRACE") return null;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return new()
        {
            Method = method,
            Path = query < 0 ? target : target[..query],
            Query = query < 0 ? [] : [.. target[(query + 1)..].Split('&')],
            Headers = [.. lines[1..].Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2).Select(pair => (pair[0], pair[1].Trim(' ')))],
            Body = parts[1],
        };
    }

    public void SetHeader(string name, string value)
    {
        Headers.RemoveAll(header => Is(header, name));
        Headers.Add((name, value));
    }

    /// <summary>The bytes, with one Host, the framing that the body needs, and no character where none may stand.</summary>
    public byte[] Write()
    {
        var head = new StringBuilder().Append(Method).Append(' ').Append(Target(Path));
        if (Query.Count > 0) head.Append('?').AppendJoin('&', Query.Select(Target));
        head.Append(" HTTP/1.1\r\n");
        if (!Headers.Exists(header => Is(header, "Host"))) head.Append("Host: localhost\r\n");
        HashSet<string> single = new(StringComparer.OrdinalIgnoreCase) { "Host", "Content-Type", "Range", "Authorization" };
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Headers)
        {
            if (Framing.Contains(name, StringComparer.OrdinalIgnoreCase) || (!seen.Add(name) && single.Contains(name))) continue;
            head.Append(string.Concat(name.Where(c => char.IsAsciiLetterOrDigit(c) || c == '-'))).Append(": ").Append(string.Concat(value.Where(c => c is >= ' ' and not '\x7f'))).Append("\r\n");
        }

        if (Body.Length > 0 || Method is "POST" or "PUT" or "PATCH") head.Append("Content-Length: ").Append(Body.Length.ToString(CultureInfo.InvariantCulture)).Append("\r\n");
        return Encoding.Latin1.GetBytes(head.Append("\r\n").Append(Body).ToString());
    }

    private static bool Is((string Name, string Value) header, string name) => name.Equals(header.Name, StringComparison.OrdinalIgnoreCase);

    private static string Target(string text)
    {
        var target = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is <= ' ' or '#' or '\x7f') target.Append('%').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
            else target.Append(c);
        }

        return target.ToString();
    }
}
