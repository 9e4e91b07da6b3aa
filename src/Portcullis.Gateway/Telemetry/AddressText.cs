using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portcullis.Gateway.Telemetry;

/// <summary>Client addresses as text for logs.</summary>
internal static class AddressText
{
    /// <summary>Formats into <paramref name="buffer"/> (at least 64 chars); masked to /24 (IPv4) or /48 (IPv6) where asked.</summary>
    public static ReadOnlySpan<char> Format(IPAddress address, bool mask, Span<char> buffer)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length)) return default;
        if (mask && length == 4) return FirstThree(bytes, buffer);

        if (mask) bytes[6..length].Clear();
        var shown = mask ? new IPAddress(bytes[..length]) : address;
        return shown.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 && shown.TryFormat(buffer, out var written)
            ? buffer[..written]
            : default;
    }

    // By hand: most addresses are of this kind, and an address object for each line would be garbage.
    private static ReadOnlySpan<char> FirstThree(scoped ReadOnlySpan<byte> bytes, Span<char> buffer)
    {
        var written = 0;
        for (var index = 0; index < 3; index++)
        {
            bytes[index].TryFormat(buffer[written..], out var digits, default, CultureInfo.InvariantCulture);
            written += digits;
            buffer[written++] = '.';
        }

        buffer[written++] = '0';
        return buffer[..written];
    }
}
