using System.Text;

namespace Portcullis.Gateway.Policies.Waf.Recording;

/// <summary>Reads a request that somebody wrote into a file: request line, field lines, an empty line, the body.</summary>
public static class RawRequest
{
    /// <summary>
    /// Reads it. Lines may end with LF alone, as editors have it; the rest of the file is the body, whatever length is stated, and a body without a
    /// stated length gets one. A chunked body is read as its chunks.
    /// </summary>
    /// <param name="octets">The file.</param>
    /// <param name="error">What is wrong with it; null where nothing is.</param>
    public static RecordedRequest? Parse(ReadOnlySpan<byte> octets, out string? error)
    {
        error = null;
        var rest = octets;
        var line = NextLine(ref rest);
        var parts = Encoding.Latin1.GetString(line).Split(' ');
        if (parts.Length != 3 || parts[0].Length == 0 || !parts[2].StartsWith("HTTP/", StringComparison.Ordinal))
        {
            error = "the first line is no request line such as GET /orders?id=1 HTTP/1.1";
            return null;
        }

        var fields = new List<RecordedField>();
        while (rest.Length > 0)
        {
            line = NextLine(ref rest);
            if (line.IsEmpty) break;
            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                error = $"line {fields.Count + 2} is no field such as Host: api.example.com";
                return null;
            }

            fields.Add(new RecordedField(Encoding.Latin1.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..].Trim((byte)' '))));
        }

        var body = rest.ToArray();
        if (fields.RemoveAll(static field => field.Name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)) > 0 && Dechunk(body) is { } whole) body = whole;
        fields.RemoveAll(static field => field.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase));
        if (body.Length > 0) fields.Add(new RecordedField("Content-Length", body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return new RecordedRequest { Method = parts[0], Target = parts[1], Protocol = parts[2], Fields = fields, Body = body };
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }

    // Null where it is not chunked after all.
    private static byte[]? Dechunk(ReadOnlySpan<byte> octets)
    {
        var whole = new MemoryStream();
        while (octets.Length > 0)
        {
            var line = Encoding.Latin1.GetString(NextLine(ref octets));
            if (!int.TryParse(line.Split(';')[0].Trim(), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var size) || size < 0 || size > octets.Length) return null;
            if (size == 0) return whole.ToArray();
            whole.Write(octets[..size]);
            octets = octets[size..];
            NextLine(ref octets);
        }

        return null;
    }
}
