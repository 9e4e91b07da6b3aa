namespace Portcullis.Waf.Transformations;

/// <summary>Puts sextets together to bytes (RFC 4648, section 4), as they come. A byte is written when its last bit is known.</summary>
internal struct Base64Quantum
{
    private int bits;
    private int count;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Sextets of the quantum that is not full yet.</summary>
    public readonly int Sextets => count;

    /// <summary>0 to 63, or -1 for what is not in the alphabet.</summary>
    public static int Sextet(byte value) => value switch
    {
        >= (byte)'A' and <= (byte)'Z' => value - 'A',
        >= (byte)'a' and <= (byte)'z' => value - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => value - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };

    public void Add(int sextet, Span<byte> destination)
    {
        bits = (bits << 6) | sextet;
        if (count > 0) destination[Length++] = (byte)(bits >> (6 - (2 * count)));
        count = (count + 1) & 3;
    }
}
