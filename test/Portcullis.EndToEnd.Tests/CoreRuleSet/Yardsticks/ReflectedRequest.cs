using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

/// <summary>A request as the <see cref="ReflectingBackend"/> reads it: as loosely as can be.</summary>
internal sealed record ReflectedRequest(string Head, byte[] Body)
{
    private const int Limit = 32 << 20;

    public bool IsReflection => Head.StartsWith("POST /reflect", StringComparison.Ordinal);

    public bool IsHead => Head.StartsWith("HEAD ", StringComparison.Ordinal);

    /// <summary>Null where the client has closed.</summary>
    public static async Task<ReflectedRequest?> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var received = new List<byte>();
        var buffer = new byte[16 << 10];
        while (true)
        {
            if (Parse(received) is { } request) return request;
            var count = await stream.ReadAsync(buffer, cancellationToken);
            if (count == 0 || received.Count > Limit) return null;
            received.AddRange(buffer.AsSpan(0, count));
        }
    }

    /// <summary>Null until all of it is there. A firewall sends the next request only when it has the answer.</summary>
    private static ReflectedRequest? Parse(List<byte> received)
    {
        var bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(received);
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return null;
        var head = Encoding.Latin1.GetString(bytes[..end]);
        var body = bytes[(end + 4)..];
        if (Field(head, "Transfer-Encoding").Contains("chunked", StringComparison.OrdinalIgnoreCase)) return body.EndsWith("0\r\n\r\n"u8) ? new(head, Dechunk(body)) : null;
        var length = int.TryParse(Field(head, "Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var stated) ? stated : 0;
        return body.Length >= length ? new(head, body[..length].ToArray()) : null;
    }

    private static string Field(string head, string name)
        => head.Split("\r\n").Select(line => line.Split(':', 2)).FirstOrDefault(pair => pair.Length == 2 && pair[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1].Trim() ?? string.Empty;

    private static byte[] Dechunk(ReadOnlySpan<byte> body)
    {
        List<byte> whole = [];
        while (body.IndexOf("\r\n"u8) is var line and > 0)
        {
            var size = int.Parse(Encoding.ASCII.GetString(body[..line]).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) break;
            whole.AddRange(body.Slice(line + 2, size));
            body = body[(line + 2 + size + 2)..];
        }

        return [.. whole];
    }
}
