using System.Buffers;

namespace Portcullis.Gateway.Buffers;

/// <summary>
/// An array of at least some length: a block of a <see cref="BlockPool"/>, or from the framework's pool where none is large enough, which is
/// rare. A struct with one owner: it must not be copied and used on.
/// </summary>
internal struct RentedArray
{
    private Block? block;

    /// <summary>Null while nothing is rented.</summary>
    public byte[]? Array { get; private set; }

    public static RentedArray Rent(int length)
    {
        if (length > BlockPool.Large.MaxBufferSize) return new() { Array = ArrayPool<byte>.Shared.Rent(length) };
        var block = (length > BlockPool.Small.MaxBufferSize ? BlockPool.Large : BlockPool.Small).RentBlock();
        return new() { block = block, Array = block.Array };
    }

    /// <summary>Gives the array back. Nothing may read or write it any more.</summary>
    public void Return()
    {
        if (block is not null) block.Dispose();
        else if (Array is not null) ArrayPool<byte>.Shared.Return(Array);
        Abandon();
    }

    /// <summary>Leaves the array to the collector: an operation may still write into it.</summary>
    public void Abandon()
    {
        block = null;
        Array = null;
    }
}
