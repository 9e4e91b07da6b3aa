using System.Text;

namespace Portcullis.Gateway.Buffers;

/// <summary>Octets to send, gathered so that they leave in one write. Rented from first use to <see cref="Release"/>.</summary>
internal sealed class OutputBuffer
{
    // Nearly all heads.
    private const int InitialSize = 4 * 1024;

    private RentedArray rented;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => rented.Array.AsMemory(0, Length);

    /// <summary>An octet that was written, to be changed.</summary>
    public ref byte At(int index) => ref rented.Array![index];

    /// <summary>Room for at least <paramref name="length"/> octets; what is used of it is then given to <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int length)
    {
        if (rented.Array is not { } array || array.Length - Length < length)
            Grow(length);
        return rented.Array.AsSpan(Length);
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
        rented.Return();
        Length = 0;
    }

    private void Grow(int length)
    {
        var larger = RentedArray.Rent(Math.Max(InitialSize, Length + length));
        Written.Span.CopyTo(larger.Array);
        rented.Return();
        rented = larger;
    }
}
