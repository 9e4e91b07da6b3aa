using System.Buffers;
using System.Text;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>Octets to send, gathered so that they leave in one write. Rented from first use to <see cref="Release"/>.</summary>
internal sealed class OutputBuffer
{
    private const int InitialSize = 8 * 1024;

    private byte[]? array;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => array.AsMemory(0, Length);

    /// <summary>Room for at least <paramref name="length"/> octets; what is used of it is then given to <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int length)
    {
        if (array is null || array.Length - Length < length)
            Grow(length);
        return array.AsSpan(Length);
    }

    public void Advance(int length) => Length += length;

    public void Append(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(Reserve(octets.Length));
        Length += octets.Length;
    }

    /// <summary>Appends text of which each char is one octet; the caller has checked that.</summary>
    public void AppendLatin1(string text) => Length += Encoding.Latin1.GetBytes(text, Reserve(text.Length));

    public void AppendNumber(long number)
    {
        number.TryFormat(Reserve(20), out var written);
        Length += written;
    }

    public void Clear() => Length = 0;

    public void Release()
    {
        if (array is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
        array = null;
        Length = 0;
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(InitialSize, Length + length));
        if (array is { } old)
        {
            old.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(old);
        }

        array = larger;
    }
}
