using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// What OpenSSL writes for a handshake, until it goes out with one system call. It sends each session ticket by itself otherwise, and before the
/// answer to a request that has come already. Not thread safe.
/// </summary>
internal struct HeldFlight
{
    // A server's longest flight is its certificates.
    private const int Most = 128 * 1024;

    private byte[]? octets;
    private int start;
    private int end;

    public readonly bool IsEmpty => start == end;

    /// <summary>Takes octets over; false where there are too many.</summary>
    public bool TryHold(ReadOnlySpan<byte> more)
    {
        if (end + more.Length > Most) return false;
        if (octets is null) octets = new byte[Math.Max(2048, more.Length)];
        else if (end + more.Length > octets.Length) Array.Resize(ref octets, Math.Max(octets.Length * 2, end + more.Length));
        more.CopyTo(octets.AsSpan(end));
        end += more.Length;
        return true;
    }

    /// <summary>Sends what is held and further octets behind it.</summary>
    /// <returns>How many of the further ones were sent, -1 where there was no room for any: those that were not stay the caller's.</returns>
    public int TrySendBefore(LoopSocket socket, ReadOnlySpan<byte> more)
    {
        if (!TryHold(more)) return TryFlush(socket) ? socket.TrySend(more) : -1;
        if (TryFlush(socket)) return more.Length;
        var left = Math.Min(end - start, more.Length);
        end -= left;
        return left < more.Length ? more.Length - left : -1;
    }

    /// <summary>Sends what there is room for; true where nothing is left.</summary>
    public bool TryFlush(LoopSocket socket)
    {
        if (octets is null) return true;
        while (start < end)
        {
            var sent = socket.TrySend(octets.AsSpan(start, end - start));
            if (sent < 0) return false;
            start += sent;
        }

        start = end = 0;
        octets = null;
        return true;
    }
}
