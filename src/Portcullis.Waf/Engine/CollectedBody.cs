using System.Buffers;

namespace Portcullis.Waf.Engine;

/// <summary>A body as it comes in, up to a limit, in one piece of pooled memory.</summary>
internal sealed class CollectedBody
{
    private byte[] buffer = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, Length);

    /// <summary>Whether more came than was kept.</summary>
    public bool IsCut { get; private set; }

    /// <summary>All bytes that came, kept or not.</summary>
    public long Total { get; private set; }

    /// <summary>Adds bytes up to <paramref name="limit"/> in all. False once something was left out.</summary>
    public bool Append(ReadOnlySpan<byte> bytes, long limit)
    {
        Total += bytes.Length;
        var room = (int)Math.Min(Math.Max(0, limit - Length), bytes.Length);
        if (room < bytes.Length) IsCut = true;
        if (Length + room > buffer.Length) Grow(Length + room);
        bytes[..room].CopyTo(buffer.AsSpan(Length));
        Length += room;
        return !IsCut;
    }

    public void Clear()
    {
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        Length = 0;
        Total = 0;
        IsCut = false;
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, Math.Min(buffer.Length * 2, int.MaxValue / 2)));
        buffer.AsSpan(0, Length).CopyTo(larger);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
