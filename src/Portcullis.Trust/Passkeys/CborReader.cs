using System.Buffers.Binary;

namespace Portcullis.Trust.Passkeys;

/// <summary>
/// Reads the CBOR of authenticators (CTAP 2.1 §8: definite lengths, shortest integers, few levels; RFC 8949). What is not of that form is refused, so one value has one
/// spelling but for the order of a map's keys. Never throws, allocates nothing; work is linear in the input.
/// </summary>
internal ref struct CborReader(ReadOnlySpan<byte> input)
{
    /// <summary>Levels of arrays and maps. CTAP allows four; a certificate chain within an attestation needs three.</summary>
    private const int MaximumDepth = 8;

    private ReadOnlySpan<byte> rest = input;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => rest;

    /// <summary>The number of pairs that follow.</summary>
    public bool TryReadMap(out int pairs) => TryReadCount(5, 2, out pairs);

    public bool TryReadText(out ReadOnlySpan<byte> utf8) => TryReadString(3, out utf8) && System.Text.Unicode.Utf8.IsValid(utf8);

    public bool TryReadBytes(out ReadOnlySpan<byte> bytes) => TryReadString(2, out bytes);

    /// <summary>An integer of at most 63 bits and its sign.</summary>
    public bool TryReadInteger(out long value)
    {
        value = 0;
        if (!TryReadHead(out var type, out var argument) || type > 1 || argument > long.MaxValue)
            return false;
        value = type == 0 ? (long)argument : -1 - (long)argument;
        return true;
    }

    /// <summary>Passes over one value, whatever it is.</summary>
    public bool TrySkip() => TrySkip(MaximumDepth);

    private bool TrySkip(int depth)
    {
        if (depth == 0 || rest.IsEmpty)
            return false;
        switch (rest[0] >> 5)
        {
            case 0 or 1:
                return TryReadInteger(out _);
            case 2:
                return TryReadBytes(out _);
            case 3:
                return TryReadText(out _);
            case 4:
                return TryReadCount(4, 1, out var items) && TrySkip(items, depth - 1);
            case 5:
                return TryReadMap(out var pairs) && TrySkip(pairs * 2, depth - 1);
            case 7 when rest[0] is 0xF4 or 0xF5 or 0xF6:
                // false, true, null. Floating point and other simple values have no place in what is read here; tags (6) neither.
                rest = rest[1..];
                return true;
            default:
                return false;
        }
    }

    private bool TrySkip(int items, int depth)
    {
        for (; items > 0; items--)
        {
            if (!TrySkip(depth))
                return false;
        }

        return true;
    }

    /// <param name="type">The major type that must be there.</param>
    /// <param name="least">Octets that each item takes at least: a count that can't be is refused before anybody counts to it.</param>
    /// <param name="count">The number of items.</param>
    private bool TryReadCount(int type, int least, out int count)
    {
        count = 0;
        if (!TryReadHead(out var found, out var argument) || found != type || argument > (ulong)(rest.Length / least))
            return false;
        count = (int)argument;
        return true;
    }

    private bool TryReadString(int type, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!TryReadHead(out var found, out var argument) || found != type || argument > (ulong)rest.Length)
            return false;
        content = rest[..(int)argument];
        rest = rest[(int)argument..];
        return true;
    }

    /// <summary>RFC 8949 §3, and §4.2.1 for the shortest form.</summary>
    private bool TryReadHead(out int type, out ulong argument)
    {
        (type, argument) = (0, 0);
        if (rest.IsEmpty)
            return false;
        type = rest[0] >> 5;
        var additional = rest[0] & 31;
        if (additional < 24)
        {
            argument = (ulong)additional;
            rest = rest[1..];
            return true;
        }

        // 28 to 30 are reserved, 31 is an indefinite length.
        var size = additional switch { 24 => 1, 25 => 2, 26 => 4, 27 => 8, _ => 0 };
        if (size == 0 || rest.Length < 1 + size)
            return false;
        var (value, shortest) = size switch
        {
            1 => (rest[1], 24UL),
            2 => (BinaryPrimitives.ReadUInt16BigEndian(rest[1..]), 1UL << 8),
            4 => (BinaryPrimitives.ReadUInt32BigEndian(rest[1..]), 1UL << 16),
            _ => (BinaryPrimitives.ReadUInt64BigEndian(rest[1..]), 1UL << 32),
        };
        argument = value;
        rest = rest[(1 + size)..];
        return argument >= shortest;
    }
}
