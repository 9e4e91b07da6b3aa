namespace Portcullis.Gateway.Buffers;

/// <summary>The octets received and not yet consumed. Rented while an exchange runs: an idle connection holds none.</summary>
internal struct ReceiveBuffer
{
    /// <summary>Octets rented at first: most responses of an API in one receive.</summary>
    private const int InitialSize = 16 * 1024;

    private RentedArray rented;
    private int start;
    private int end;

    public readonly int Length => end - start;

    public readonly ReadOnlySpan<byte> Span => rented.Array.AsSpan(start, end - start);

    public readonly ReadOnlyMemory<byte> Memory => rented.Array.AsMemory(start, end - start);

    public void Consume(int length)
    {
        start += length;
        if (start == end)
            start = end = 0;
    }

    public void Commit(int length) => end += length;

    /// <summary>Free room to receive into; empty only when a caller let more than <paramref name="most"/> octets pile up.</summary>
    public Memory<byte> Room(int most)
    {
        if (rented.Array is not { } array)
        {
            rented = RentedArray.Rent(InitialSize);
        }
        else if (end == array.Length)
        {
            if (start > 0)
                MoveTo(array);
            else if (array.Length < most)
                Grow(array.Length * 2);
        }

        return rented.Array.AsMemory(end);
    }

    /// <summary>Free room for at least <paramref name="least"/> octets, where no more than <paramref name="most"/> pile up.</summary>
    public Memory<byte> Room(int least, int most)
    {
        var room = Room(most);
        while (room.Length < least)
        {
            if (start > 0) MoveTo(rented.Array!);
            else if (rented.Array!.Length < most) Grow(rented.Array.Length * 2);
            else throw new InvalidOperationException($"More than {most} octets pile up.");
            room = rented.Array.AsMemory(end);
        }

        return room;
    }

    /// <param name="abandon">An operation may still write into the array: it is left to the collector instead of the next renter.</param>
    public void Release(bool abandon)
    {
        if (abandon)
            rented.Abandon();
        else
            rented.Return();
        start = end = 0;
    }

    private void Grow(int length)
    {
        var larger = RentedArray.Rent(length);
        MoveTo(larger.Array!);
        rented.Return();
        rented = larger;
    }

    private void MoveTo(byte[] target)
    {
        Span.CopyTo(target);
        end -= start;
        start = 0;
    }
}
