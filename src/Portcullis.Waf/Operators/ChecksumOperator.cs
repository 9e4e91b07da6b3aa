using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary>
/// <c>@verifyCC</c>, <c>@verifySSN</c>, <c>@verifyCPF</c>: the value contains what a regular expression finds and what also has the right check digits, so that not
/// every long number is taken for a card's.
/// </summary>
internal sealed class ChecksumOperator(ByteRegex regex, ChecksumOperator.Check check) : Operator
{
    /// <summary>Further finds in one value are not checked.</summary>
    public const int MaximumFinds = 1000;

    private const int MaximumDigits = 19;

    internal delegate bool Check(ReadOnlySpan<byte> digits);

    /// <summary>A payment card's number: 13 to 19 digits, ISO/IEC 7812-1 annex B (Luhn).</summary>
    public static bool IsCard(ReadOnlySpan<byte> digits)
    {
        if (digits.Length is < 13 or > 19) return false;
        var sum = 0;
        for (var at = 0; at < digits.Length; at++)
        {
            var digit = digits[^(at + 1)];
            var weighted = at % 2 == 0 ? digit : digit * 2;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }

        return sum % 10 == 0;
    }

    /// <summary>A social security number of the USA: areas 000, 666 and from 900 on, group 00 and serial 0000 are never given out (SSA, 2011).</summary>
    public static bool IsSsn(ReadOnlySpan<byte> digits)
    {
        if (digits.Length != 9) return false;
        var area = digits[0] * 100 + digits[1] * 10 + digits[2];
        return area is not (0 or 666) && area < 900 && digits[3] + digits[4] > 0 && digits[5] + digits[6] + digits[7] + digits[8] > 0;
    }

    /// <summary>A Brazilian taxpayer's number: eleven digits of which two check the others, modulo 11.</summary>
    public static bool IsCpf(ReadOnlySpan<byte> digits)
    {
        if (digits.Length != 11 || !digits.ContainsAnyExcept(digits[0])) return false;
        for (var length = 9; length < 11; length++)
        {
            var sum = 0;
            for (var at = 0; at < length; at++) sum += digits[at] * (length + 1 - at);
            if (sum * 10 % 11 % 10 != digits[length]) return false;
        }

        return true;
    }

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        var text = evaluation.Values[value];
        Span<Capture> found = stackalloc Capture[1];
        Span<byte> digits = stackalloc byte[MaximumDigits];
        var from = 0;
        for (var finds = 0; finds < MaximumFinds && regex.Match(text[from..], found); finds++)
        {
            var match = text.Slice(from + found[0].Offset, found[0].Length);
            if (check(digits[..Digits(match, digits)]))
            {
                if (!captures.IsEmpty) captures[0] = new Capture(from + found[0].Offset, match.Length);
                return captures.IsEmpty ? 0 : 1;
            }

            from += found[0].Offset + Math.Max(1, match.Length);
            if (from >= text.Length) break;
        }

        return NoMatch;
    }

    private static int Digits(ReadOnlySpan<byte> text, Span<byte> digits)
    {
        var count = 0;
        foreach (var one in text)
        {
            if ((uint)(one - '0') > 9) continue;
            if (count == digits.Length) return 0;
            digits[count++] = (byte)(one - '0');
        }

        return count;
    }
}
