using System.Buffers.Binary;

namespace Portcullis.Trust.Passwords;

/// <summary>
/// Facts of the Unicode Character Database 15.0 that normalization needs, as <c>eng/unicode-tables.py</c> wrote them. The product runs without ICU
/// (invariant globalization), where <see cref="string.Normalize()"/> hands every text back as it was.
/// </summary>
internal sealed class UnicodeTables
{
    private readonly uint[] accepted;
    private readonly uint[] classes;
    private readonly uint[] decompositions;
    private readonly uint[] pool;
    private readonly Dictionary<ulong, uint> compositions = [];

    private UnicodeTables()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("Portcullis.Unicode.bin")
            ?? throw new InvalidOperationException("The tables of Unicode are missing from the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var rest = bytes.AsSpan();
        accepted = Take(ref rest, 2);
        classes = Take(ref rest, 2);
        decompositions = Take(ref rest, 3);
        pool = Take(ref rest, 1);
        var rows = Take(ref rest, 3);
        for (var i = 0; i < rows.Length; i += 3)
            compositions.Add(((ulong)rows[i] << 32) | rows[i + 1], rows[i + 2]);
    }

    public static UnicodeTables Instance { get; } = new();

    /// <summary>Whether the code point is assigned in this version, and neither control nor surrogate.</summary>
    public bool IsAccepted(uint point)
    {
        var row = Last(accepted, 2, point);
        return row >= 0 && point <= accepted[row + 1];
    }

    /// <summary>The canonical combining class; 0 for starters.</summary>
    public uint CombiningClass(uint point)
    {
        var row = Last(classes, 2, point);
        return row >= 0 && classes[row] == point ? classes[row + 1] : 0;
    }

    /// <summary>The full compatibility decomposition; empty where the code point stands for itself.</summary>
    public ReadOnlySpan<uint> Decomposition(uint point)
    {
        var row = Last(decompositions, 3, point);
        return row >= 0 && decompositions[row] == point ? pool.AsSpan((int)decompositions[row + 1], (int)decompositions[row + 2]) : [];
    }

    public bool TryCompose(uint first, uint second, out uint composed) => compositions.TryGetValue(((ulong)first << 32) | second, out composed);

    /// <summary>Index of the last row whose first number is not above <paramref name="point"/>; negative where there is none.</summary>
    private static int Last(uint[] table, int width, uint point)
    {
        var (low, high) = (0, (table.Length / width) - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (table[middle * width] <= point)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return high * width;
    }

    private static uint[] Take(ref Span<byte> rest, int width)
    {
        var table = new uint[BinaryPrimitives.ReadInt32LittleEndian(rest) * width];
        rest = rest[4..];
        for (var i = 0; i < table.Length; i++)
            table[i] = BinaryPrimitives.ReadUInt32LittleEndian(rest[(i * 4)..]);
        rest = rest[(table.Length * 4)..];
        return table;
    }
}
