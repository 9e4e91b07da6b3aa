using System.Text;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Tests.Regexes;

/// <summary>Compares one pattern's verdicts and groups with PCRE2's.</summary>
internal static class Agreement
{
    /// <summary>Null if they agree on <paramref name="value"/>, or if PCRE2 gave up.</summary>
    public static string? Difference(ByteRegex ours, Pcre2 theirs, byte[] pattern, byte[] value, bool withGroups)
    {
        Span<(int From, int To)> expected = stackalloc (int, int)[10];
        if (!theirs.TryMatch(value, expected, out var matches)) return null;
        if (ours.IsMatch(value) != matches) return Describe(pattern, value, $"PCRE2 says {matches}");
        if (!matches || !withGroups) return null;
        Span<Capture> groups = stackalloc Capture[10];
        if (!ours.Match(value, groups)) return Describe(pattern, value, "no match found where there is one");
        for (var i = 0; i < groups.Length; i++)
        {
            var found = groups[i].IsMatched ? (groups[i].Offset, groups[i].Offset + groups[i].Length) : (-1, -1);
            if (found != expected[i]) return Describe(pattern, value, $"group {i} is {found}, PCRE2 has {expected[i]}");
        }

        return null;
    }

    private static string Describe(byte[] pattern, byte[] value, string difference)
        => $"{difference}: /{Encoding.Latin1.GetString(pattern)}/ on {Convert.ToHexString(value)} '{Encoding.Latin1.GetString(value)}'";
}
