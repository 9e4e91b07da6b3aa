namespace Portcullis.Waf.Bytes;

/// <summary>
/// About how often a byte occurs in what clients send: names, words, paths, numbers. Rough figures of ours, in parts of ten thousand; they decide what is
/// fast, never what matches.
/// </summary>
internal static class ByteFrequencies
{
    private static readonly ushort[] Letters =
    [
        600, 120, 260, 280, 850, 140, 150, 250, 520, 20, 60, 330, 220, 500, 550, 180, 10, 470, 480, 640, 210, 80, 100, 30, 120, 20,
    ];

    private static readonly double[] Shares = Compute();

    /// <summary>The share of bytes that are <paramref name="value"/>, from 0 to 1.</summary>
    public static double Of(byte value) => Shares[value];

    /// <summary>The share of bytes that are in <paramref name="set"/>.</summary>
    public static double Of(in ByteSet set)
    {
        var share = 0.0;
        foreach (var value in set.ToArray())
        {
            share += Shares[value];
        }

        return share;
    }

    private static double[] Compute()
    {
        var shares = new double[256];
        for (var value = 0; value < 256; value++)
        {
            shares[value] = (char)value switch
            {
                >= 'a' and <= 'z' => Letters[value - 'a'],
                >= 'A' and <= 'Z' => Math.Max(Letters[value - 'A'] / 8, 5),
                >= '0' and <= '9' => 120,
                ' ' => 350,
                '/' or '.' or '-' => 150,
                '_' or '=' or ',' or ':' or ';' or '+' or '%' or '"' => 50,
                '(' or ')' or '&' or '?' or '*' or '\'' or '@' => 20,
                > ' ' and < (char)127 => 8,
                _ => 3,
            } / 10_000.0;
        }

        return shares;
    }
}
