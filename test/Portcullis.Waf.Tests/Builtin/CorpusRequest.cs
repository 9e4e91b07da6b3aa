using System.Globalization;
using System.Text;
using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Tests.Builtin;

/// <summary>Sends a line of a corpus as the request that its target says, from an ordinary browser, and reports what the rules said.</summary>
internal static class CorpusRequest
{
    private const string Boundary = "----FormBoundary7MA4YWxk";

    public static CorpusVerdict Send(RuleSet rules, TransactionSettings settings, CorpusLine line)
    {
        using var transaction = rules.Begin(settings);
        transaction.Connection("192.0.2.7"u8, 50123, "192.0.2.1"u8, 443);
        if (line.Target == "request") return Whole(transaction, line);

        var payload = line.Payload;
        var (method, target, type, body) = ("GET"u8.ToArray(), Ascii("/shop/items?page=2&sort=name"), "", Array.Empty<byte>());
        var headers = new List<(string Name, byte[] Value)>();
        var cookie = Ascii("theme=dark; lang=en");
        switch (line.Target)
        {
            case "query": target = Ascii($"/shop/items?page=2&q={Percent(payload)}"); break;
            case "name": target = Ascii($"/shop/items?{Percent(payload)}=1"); break;
            case "path": target = Ascii($"/shop/items/{Percent(payload)}"); break;
            case "raw": target = payload; break;
            case "method": method = payload; break;
            case "cookie": cookie = Ascii($"theme=dark; pref={Percent(payload)}"); break;
            case "form": (type, body) = ("application/x-www-form-urlencoded", Ascii($"id=7&text={Percent(payload)}")); break;
            case "json": (type, body) = ("application/json", [.. "{\"id\":7,\"text\":\""u8, .. Json(payload), .. "\"}"u8]); break;
            case "jsonbody": (type, body) = ("application/json", payload); break;
            case "xml": (type, body) = ("application/xml", [.. "<?xml version=\"1.0\"?><a><b>"u8, .. Xml(payload), .. "</b></a>"u8]); break;
            case "xmlbody": (type, body) = ("application/xml", payload); break;
            case "text": (type, body) = ("text/plain", payload); break;
            case "multipart": (type, body) = ($"multipart/form-data; boundary={Boundary}", Part("form-data; name=\"text\"", "", payload)); break;
            case "file": (type, body) = ($"multipart/form-data; boundary={Boundary}", Part($"form-data; name=\"up\"; filename=\"{FileName(payload)}\"", "Content-Type: image/jpeg\r\n", "x"u8)); break;
            case "filecontent": (type, body) = ($"multipart/form-data; boundary={Boundary}", Part("form-data; name=\"up\"; filename=\"photo.jpg\"", "Content-Type: image/jpeg\r\n", payload)); break;
            case "formbody": (type, body) = ("application/x-www-form-urlencoded", payload); break;
            case "response": break;
            default:
                if (!line.Target.StartsWith("header:", StringComparison.Ordinal)) throw new InvalidDataException($"{line.Place}: there is no target {line.Target}");
                headers.Add((line.Target[7..], payload));
                break;
        }

        if (body.Length > 0 && method.AsSpan().SequenceEqual("GET"u8)) method = "POST"u8.ToArray();
        void Ordinary(string name, string value)
        {
            if (!headers.Exists(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) headers.Add((name, Ascii(value)));
        }

        Ordinary("Host", "www.example.com");
        Ordinary("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36");
        Ordinary("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8");
        Ordinary("Accept-Language", "en-GB,en;q=0.9,de;q=0.8");
        Ordinary("Accept-Encoding", "gzip, deflate, br, zstd");
        Ordinary("Referer", "https://www.example.com/shop");
        headers.Add(("Cookie", cookie));
        if (type.Length > 0) Ordinary("Content-Type", type);
        if (body.Length > 0 && !headers.Exists(header => header.Name == "Transfer-Encoding")) Ordinary("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));

        var refused = Request(transaction, method, target, headers, body);
        if (refused is null && line.Target == "response") refused = Respond(transaction, payload);
        return Verdict(transaction, refused);
    }

    /// <summary>A request that is written out: <c>METHOD target ¦ Name: value ¦ … ¦¦ body</c>. Its length is added where there is a body.</summary>
    private static CorpusVerdict Whole(Transaction transaction, CorpusLine line)
    {
        var (fields, body) = (line.Payload, Array.Empty<byte>());
        if (fields.AsSpan().IndexOf(" ¦¦ "u8) is var end and >= 0) (fields, body) = (fields[..end], fields[(end + " ¦¦ "u8.Length)..]);
        var headers = new List<(string Name, byte[] Value)>();
        var (method, target) = (Array.Empty<byte>(), Array.Empty<byte>());
        foreach (var range in fields.AsSpan().Split(" ¦ "u8))
        {
            var field = fields[range];
            var at = field.AsSpan().IndexOf(method.Length == 0 ? " "u8 : ":"u8);
            if (at <= 0) throw new InvalidDataException($"{line.Place}: neither a request line nor a field");
            if (method.Length == 0) (method, target) = (field[..at], field[(at + 1)..]);
            else headers.Add((Encoding.ASCII.GetString(field, 0, at), field.AsSpan(at + 1).Trim((byte)' ').ToArray()));
        }

        if (body.Length > 0) headers.Add(("Content-Length", Ascii(body.Length.ToString(CultureInfo.InvariantCulture))));
        return Verdict(transaction, Request(transaction, method, target, headers, body));
    }

    private static Interruption? Request(Transaction transaction, byte[] method, byte[] target, List<(string Name, byte[] Value)> headers, byte[] body)
    {
        transaction.RequestLine(method, target, "HTTP/1.1"u8);
        foreach (var (name, value) in headers) transaction.RequestHeader(Ascii(name), value);
        if (transaction.ProcessRequestHeaders() is { } early) return early;
        if (body.Length > 0) transaction.AppendRequestBody(body);
        return transaction.ProcessRequestBody();
    }

    private static CorpusVerdict Verdict(Transaction transaction, Interruption? refused)
        => new(refused is not null, [.. transaction.Hits.Select(hit => $"{hit.RuleId} {hit.Variable} [{hit.Value}]")]);

    private static Interruption? Respond(Transaction transaction, byte[] body)
    {
        transaction.ResponseStatus(200, "HTTP/1.1"u8);
        transaction.ResponseHeader("Content-Type"u8, "text/html; charset=utf-8"u8);
        if (transaction.ProcessResponseHeaders() is { } early) return early;
        transaction.AppendResponseBody(body);
        return transaction.ProcessResponseBody();
    }

    private static byte[] Part(string disposition, string more, ReadOnlySpan<byte> content)
        => [.. Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: {disposition}\r\n{more}\r\n"), .. content, .. Ascii($"\r\n--{Boundary}--\r\n")];

    // As browsers do it (HTML Living Standard, multipart/form-data encoding algorithm).
    private static string FileName(byte[] name) => Encoding.UTF8.GetString(name).Replace("\"", "%22", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Percent(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (var one in bytes)
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~') text.Append((char)one);
            else text.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
        }

        return text.ToString();
    }

    private static byte[] Json(byte[] bytes)
    {
        var text = new List<byte>();
        foreach (var one in bytes)
        {
            if (one is (byte)'"' or (byte)'\\') text.AddRange([(byte)'\\', one]);
            else if (one < 0x20) text.AddRange(Ascii($"\\u{one:x4}"));
            else text.Add(one);
        }

        return [.. text];
    }

    private static byte[] Xml(byte[] bytes)
        => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal));

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
