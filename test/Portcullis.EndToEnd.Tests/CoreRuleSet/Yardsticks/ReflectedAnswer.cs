using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

/// <summary>What a request to <c>/reflect</c> asks to be answered.</summary>
internal sealed record ReflectedAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public static ReflectedAnswer Empty { get; } = new(200, [], []);

    /// <summary>With those that a server adds.</summary>
    public IEnumerable<(string Name, string Value)> AllHeaders
    {
        get
        {
            foreach (var header in Headers) yield return header;
            if (Body.Length > 0 && !Headers.Any(header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
                yield return ("Content-Type", IsText ? "text/plain; charset=utf-8" : "application/octet-stream");
            yield return ("Content-Length", Body.Length.ToString(CultureInfo.InvariantCulture));
        }
    }

    public static ReflectedAnswer Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new(StatusIn(root), HeadersIn(root), BodyIn(root));
        }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException)
        {
            return new(400, [], Encoding.UTF8.GetBytes(failure.Message));
        }
    }

    /// <summary>Whether a body of no stated type passes for text: no control character but those of text (WHATWG MIME Sniffing, 3, "binary data byte").</summary>
    private bool IsText => !Body.Any(b => b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\f' or (byte)'\r' or 0x1b));

    private static int StatusIn(JsonElement root) => root.TryGetProperty("status", out var status) && status.GetInt32() is var code and not 0 ? code : 200;

    private static (string Name, string Value)[] HeadersIn(JsonElement root)
        => root.TryGetProperty("headers", out var headers) ? [.. headers.EnumerateObject().Select(header => (header.Name, header.Value.GetString()!))] : [];

    private static byte[] BodyIn(JsonElement root)
    {
        if (root.TryGetProperty("body", out var text) && text.GetString() is { Length: > 0 } body) return Encoding.UTF8.GetBytes(body);
        return root.TryGetProperty("encodedBody", out var encoded) ? encoded.GetBytesFromBase64() : [];
    }
}
