using System.Text;

namespace Portcullis.Trust.Passwords;

/// <summary>The few transformations by which people make a known password out of another, undone. Works on lower case.</summary>
internal static class PasswordPattern
{
    // Digits and signs around a known word that make nothing new of it.
    private const int LongestDecoration = 8;

    // Runs and single characters of which a mere pattern consists at most.
    private const int MostPieces = 4;
    private const int ShortestRun = 3;

    private static readonly string[] rows = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "!@#$%^&*()"];

    /// <summary>Whether it is a common password, also with digits and signs around it, letters replaced by lookalikes, or separators in it.</summary>
    public static bool IsCommon(string lower)
    {
        foreach (var text in (ReadOnlySpan<string>)[lower, Plain(lower), WithoutSeparators(lower), Plain(WithoutSeparators(lower))])
        {
            if (CommonPasswords.Contains(text) || IsDecorated(text))
                return true;
        }

        // Lookalikes within the word alone: the year of p@ssw0rd2024 is none.
        var word = lower.TrimEnd("0123456789!?.*#$&+-_ ".ToCharArray());
        return lower.Length - word.Length <= LongestDecoration && IsDecorated(Plain(word));
    }

    /// <summary>Whether all of it is one part said again and again, a part too short to be a password.</summary>
    public static bool IsRepetition(string text, int shortestPart)
    {
        for (var period = 1; period < shortestPart && period <= text.Length / 2; period++)
        {
            var same = true;
            for (var i = period; i < text.Length && same; i++)
                same = text[i] == text[i - period];
            if (same)
                return true;
        }

        return false;
    }

    /// <summary>Whether it is a few runs of one character, of neighbours in the alphabet or of neighbours on a keyboard.</summary>
    public static bool IsSequence(string lower)
    {
        var pieces = 0;
        for (var i = 0; i < lower.Length; pieces++)
        {
            var run = 1;
            if (i + 1 < lower.Length && Step(lower[i], lower[i + 1]) is { } step)
            {
                for (run = 2; i + run < lower.Length && Step(lower[i + run - 1], lower[i + run]) == step;)
                    run++;
            }

            i += run >= ShortestRun ? run : 1;
        }

        return pieces <= MostPieces;
    }

    /// <summary>A known word with nothing around it but a few digits and signs.</summary>
    private static bool IsDecorated(string text)
    {
        var start = 0;
        while (start < text.Length && !char.IsLetter(text[start]))
            start++;
        var end = text.Length;
        while (end > start && !char.IsLetter(text[end - 1]))
            end--;
        var decoration = text.Length - (end - start);
        return end - start >= 4 && (decoration <= LongestDecoration || IsSequence(text[end..]) && start == 0) && CommonPasswords.Contains(text.AsSpan(start, end - start));
    }

    private static string Plain(string lower)
    {
        var plain = new StringBuilder(lower.Length);
        foreach (var character in lower)
        {
            plain.Append(character switch
            {
                '@' or '4' => 'a',
                '3' or '€' => 'e',
                '1' or '!' or '|' => 'i',
                '0' => 'o',
                '$' or '5' => 's',
                '7' or '+' => 't',
                _ => character,
            });
        }

        return plain.ToString();
    }

    private static string WithoutSeparators(string lower) => string.Concat(lower.Split(' ', '-', '_', '.', ',', '/'));

    /// <summary>How one character leads to the next: 0 repeats, 1 and -1 in the alphabet, others on a row of keys; null where it does not.</summary>
    private static int? Step(char from, char to)
    {
        if (from == to)
            return 0;
        if (Math.Abs(from - to) == 1 && char.IsLetterOrDigit(from) && char.IsLetterOrDigit(to))
            return to - from;
        for (var row = 0; row < rows.Length; row++)
        {
            var at = rows[row].IndexOf(from, StringComparison.Ordinal);
            if (at >= 0 && at + 1 < rows[row].Length && rows[row][at + 1] == to)
                return 2 + row;
            if (at > 0 && rows[row][at - 1] == to)
                return -2 - row;
        }

        return null;
    }
}
