using System.Text;

namespace Portcullis.Gateway.Connections;

/// <summary>The Date field of responses (RFC 9110 §6.6.1), made anew once a second. Thread safe.</summary>
internal sealed class DateField(TimeProvider time)
{
    private sealed record Line(long Second, byte[] Octets);

    private volatile Line last = new(0, []);

    /// <summary>The whole line.</summary>
    public ReadOnlySpan<byte> Current
    {
        get
        {
            var now = time.GetUtcNow();
            var second = now.Ticks / TimeSpan.TicksPerSecond;
            var line = last;
            if (line.Second != second) last = line = new Line(second, Encoding.ASCII.GetBytes($"Date: {now:R}\r\n"));
            return line.Octets;
        }
    }

    /// <summary>The value alone.</summary>
    public ReadOnlySpan<byte> Value => Current["Date: "u8.Length..^2];
}
