using System.Security.Cryptography;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// Request and span ids from the system's random generator, drawn in batches per thread: one call to it costs about as much
/// as a whole id otherwise.
/// </summary>
public static class Identifiers
{
    private const int BatchSize = 1024;

    [ThreadStatic]
    private static byte[]? batch;

    [ThreadStatic]
    private static int used;

    /// <summary>A new request id: 128 random bits as 32 lower-case hexadecimal digits.</summary>
    public static string NewRequestId() => string.Create(32, 0, static (text, _) => WriteHex(text));

    /// <summary>Fills 16 chars with a new span id; never all zero, which Trace Context forbids.</summary>
    public static void WriteSpanId(Span<char> text)
    {
        do WriteHex(text);
        while (!text.ContainsAnyExcept('0'));
    }

    private static void WriteHex(Span<char> text)
    {
        var bytes = Take(text.Length / 2);
        Convert.TryToHexStringLower(bytes, text, out _);
    }

    private static ReadOnlySpan<byte> Take(int count)
    {
        if (batch is null || used + count > BatchSize)
        {
            batch ??= new byte[BatchSize];
            RandomNumberGenerator.Fill(batch);
            used = 0;
        }

        var taken = batch.AsSpan(used, count);
        used += count;
        return taken;
    }
}
