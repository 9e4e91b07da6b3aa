using System.Text;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Tests.Regexes;

/// <summary>Values that make backtracking engines slow. What is bounded is the states they make, and so the work: time is not asserted.</summary>
public sealed class HostileValueTests
{
    private const int Length = 4096;

    private static readonly string[] Units =
    [
        "(", ";l$(", " ", "'", "\"", "a", "1", "\\", "/", "../", "<", "a ", "a'", "select ", "=;", "{",
        "\n", "-", "'\"`", ";;l''s$@ ", "x=1&", "or 1=1 ", "${", "<a ", "%2", "0x", "\0",
    ];

    [Fact]
    public void No_pattern_of_the_rule_sets_needs_more_states_than_a_value_has_bytes()
    {
        var random = new Random(4);
        var values = Units.Select(static unit => Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(unit, Length / unit.Length)))).ToList();
        foreach (var letters in new[] { "catlsh;|&$(){}'\"\\ /?*[]", "selctunio rd'\"`()=<>0123-/*,;", "abcdefghijklmnopqrstuvwxyz " })
            values.Add([.. Enumerable.Range(0, Length).Select(_ => (byte)letters[random.Next(letters.Length)])]);
        long bytes = 0;
        var patterns = CrsPatterns.All();
        foreach (var pattern in patterns)
        {
            var (regex, _) = ByteRegex.Compile(pattern.Text);
            if (regex is null) continue;
            foreach (var value in values)
            {
                regex.IsMatch(value);
            }

            Assert.True(regex.Verdict.StateCount < Length, $"{pattern.Id}: {regex.Verdict.StateCount} states");
            Assert.Equal(0, regex.Verdict.Drops);
            bytes += regex.Verdict.Bytes;
        }

        Assert.InRange(bytes / patterns.Count, 1, 128 * 1024);
    }
}
