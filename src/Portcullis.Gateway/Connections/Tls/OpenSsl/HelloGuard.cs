using System.Runtime.CompilerServices;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// Looks at the first octets of a connection before OpenSSL does, which takes a client's word for the length of its first message and makes
/// room for it at once: 128 KiB for nine octets. Real ones, with keys for every group and those of quantum computers, have some 2 KiB.
/// </summary>
internal struct HelloGuard
{
    private const int MostHello = 16 * 1024;

    private Head head;
    private int seen;

    /// <summary>False where a message of another size is announced. What is not TLS at all is OpenSSL's to refuse.</summary>
    public bool Admits(ReadOnlySpan<byte> octets)
    {
        if (seen == Head.Length) return true;
        var count = Math.Min(octets.Length, Head.Length - seen);
        octets[..count].CopyTo(((Span<byte>)head)[seen..]);
        seen += count;
        if (seen < Head.Length) return true;

        // RFC 8446 §5.1: type, version, length; §4: type, length. A head that is spread over records would hide its length.
        const byte handshake = 22, clientHello = 1;
        if (head[0] != handshake) return true;
        if (((head[3] << 8) | head[4]) < 4) return false;
        return head[5] != clientHello || ((head[6] << 16) | (head[7] << 8) | head[8]) <= MostHello;
    }

    [InlineArray(Length)]
    private struct Head
    {
        public const int Length = 9;

        private byte first;
    }
}
