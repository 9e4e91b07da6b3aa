namespace Portcullis.Waf.Bytes;

/// <summary>Numbers as SecLang reads them: C's <c>atoi</c>, that is leading white space, a sign, digits, and whatever follows is ignored; no number is 0.</summary>
internal static class Numbers
{
    public static long Parse(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && (text[at] is (byte)' ' or (>= 9 and <= 13))) at++;
        var isNegative = at < text.Length && text[at] == '-';
        if (at < text.Length && (text[at] is (byte)'-' or (byte)'+')) at++;
        var number = 0L;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
        {
            // Where C's result would be undefined, the largest number stands.
            if (number > (long.MaxValue - 9) / 10) return isNegative ? long.MinValue : long.MaxValue;
            number = number * 10 + (text[at] - '0');
        }

        return isNegative ? -number : number;
    }

    /// <summary>The sum, held at the ends of the range.</summary>
    public static long Add(long left, long right)
    {
        var sum = unchecked(left + right);
        if (((left ^ sum) & (right ^ sum)) >= 0) return sum;
        return left < 0 ? long.MinValue : long.MaxValue;
    }
}
