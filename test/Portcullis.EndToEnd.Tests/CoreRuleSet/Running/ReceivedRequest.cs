using System.Globalization;
using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>A request as a server reads it that minds little: lines may end without a carriage return, and a version is enough to be HTTP.</summary>
internal sealed record ReceivedRequest(byte[] Method, byte[] Target, byte[] Version, IReadOnlyList<(byte[] Name, byte[] Value)> Headers, byte[] Body)
{
    public bool IsReflection => Method.AsSpan().SequenceEqual("POST"u8) && Target.AsSpan().StartsWith("/reflect"u8);

    /// <summary>Null where the bytes are no request.</summary>
    public static ReceivedRequest? Read(byte[] bytes)
    {
        var rest = Encoding.Latin1.GetString(bytes);
        var words = Line(ref rest).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 3 || words[^1] is not ("HTTP/1.0" or "HTTP/1.1")) return null;

        List<(byte[], byte[])> headers = [];
        var (length, isChunked, hasHost) = (0, false, words[^1] == "HTTP/1.0");
        while (Line(ref rest) is { Length: > 0 } line)
        {
            if (line.Split(':', 2) is not [{ Length: > 0 } name, var value]) return null;
            value = value.Trim(' ', '\t');
            headers.Add((Bytes(name), Bytes(value)));
            if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out length)) return null;
            isChunked |= name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) && value.EndsWith("chunked", StringComparison.OrdinalIgnoreCase);
            hasHost |= name.Equals("Host", StringComparison.OrdinalIgnoreCase);
        }

        var body = isChunked ? Dechunked(rest) : rest[..Math.Min(length, rest.Length)];
        return hasHost ? new(Bytes(words[0]), Bytes(string.Join(' ', words[1..^1])), Bytes(words[^1]), headers, Bytes(body)) : null;
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static string Line(ref string rest)
    {
        var end = rest.IndexOf('\n', StringComparison.Ordinal);
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? string.Empty : rest[(end + 1)..];
        return line.TrimEnd('\r');
    }

    private static string Dechunked(string rest)
    {
        var body = new StringBuilder();
        while (int.TryParse(Line(ref rest).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var size) && size > 0 && size <= rest.Length)
        {
            body.Append(rest, 0, size);
            rest = rest[size..];
            Line(ref rest);
        }

        return body.ToString();
    }
}
