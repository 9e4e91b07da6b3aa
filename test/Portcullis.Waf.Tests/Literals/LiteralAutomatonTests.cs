using System.Text;
using Portcullis.Waf.Literals;

namespace Portcullis.Waf.Tests.Literals;

public sealed class LiteralAutomatonTests
{
    [Fact]
    public void Every_owner_of_a_word_in_the_value_is_told()
    {
        var automaton = Build((0, "he"), (1, "she"), (2, "hers"), (3, "his"), (70, "SHE"));
        Assert.Equal([0, 1, 2, 70], Scan(automaton, "uSHErs"));
        Assert.Equal([3], Scan(automaton, "this"));
        Assert.Equal([], Scan(automaton, "h e"));
        Assert.Equal([], Scan(automaton, ""));
    }

    [Fact]
    public void Bits_that_are_set_already_stay()
    {
        var hits = new ulong[] { 8 };
        Build((0, "a")).Scan("xax"u8, hits);
        Assert.Equal(9UL, hits[0]);
    }

    [Fact]
    public void The_word_that_ends_first_is_told_and_of_several_the_longest()
    {
        var automaton = Build((0, "he"), (0, "she"), (0, "s"), (1, "ushers"), (1, "\u00e9T"));
        Assert.Equal((1, 1), automaton.FindFirst("ushers"u8, 0));
        Assert.Equal((0, 6), automaton.FindFirst("Ushers"u8, 1));
        Assert.Equal((1, 2), automaton.FindFirst([1, 0xE9, (byte)'t'], 1));
        Assert.Equal((0, 0), automaton.FindFirst("zzz"u8, 0));
        Assert.Equal((1, 3), Build((0, "he"), (0, "she")).FindFirst("ushe"u8, 0));
    }

    [Fact]
    public void Random_words_are_found_where_a_plain_search_finds_them()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var all = string.Concat(Enumerable.Range(0, 256).Select(static value => (char)value));
            var letters = (round % 3) switch { 0 => "ab", 1 => "abcABC \u00ff", _ => all };
            var words = Enumerable.Range(0, random.Next(1, round % 10 == 0 ? 600 : 12)).Select(_ => Word(random, letters, 6)).ToArray();
            var owners = words.Select(_ => random.Next(130)).ToArray();
            var automaton = Build([.. words.Select((word, i) => (owners[i], word))]);
            for (var i = 0; i < 20; i++)
            {
                var value = Word(random, letters, 40);
                var expected = Enumerable.Range(0, words.Length)
                    .Where(word => Lower(value).Contains(Lower(words[word]), StringComparison.Ordinal)).Select(word => owners[word]).Distinct().Order();
                Assert.Equal(expected, Scan(automaton, value));
                var owner = owners[0];
                Assert.Equal(FirstOf(words.Where((_, word) => owners[word] == owner), value), automaton.FindFirst(Encoding.Latin1.GetBytes(value), owner));
            }
        }
    }

    [Fact]
    public void Thousands_of_words_take_a_few_megabytes()
    {
        var random = new Random(6);
        var builder = new LiteralAutomatonBuilder();
        for (var i = 0; i < 12_000; i++)
        {
            builder.Add(i % 320, Encoding.Latin1.GetBytes(Word(random, "abcdefghijklmnopqrstuvwxyz_-/.0123456789", 16)));
        }

        Assert.InRange(builder.Build().Bytes, 1, 8 * 1024 * 1024);
    }

    private static (int Offset, int Length) FirstOf(IEnumerable<string> words, string value)
        => words.Select(word => (Offset: Lower(value).IndexOf(Lower(word), StringComparison.Ordinal), word.Length))
            .Where(static found => found.Offset >= 0)
            .OrderBy(static found => found.Offset + found.Length).ThenByDescending(static found => found.Length).FirstOrDefault();

    private static string Lower(string text) => string.Concat(text.Select(static one => char.IsAsciiLetterUpper(one) ? (char)(one + 32) : one));

    private static string Word(Random random, string letters, int longest)
        => string.Concat(Enumerable.Range(0, random.Next(1, longest + 1)).Select(_ => letters[random.Next(letters.Length)]));

    private static LiteralAutomaton Build(params (int Owner, string Word)[] words)
    {
        var builder = new LiteralAutomatonBuilder();
        foreach (var (owner, word) in words)
        {
            builder.Add(owner, Encoding.Latin1.GetBytes(word));
        }

        return builder.Build();
    }

    private static List<int> Scan(LiteralAutomaton automaton, string value)
    {
        var hits = new ulong[3];
        automaton.Scan(Encoding.Latin1.GetBytes(value), hits);
        return [.. Enumerable.Range(0, 192).Where(owner => (hits[owner / 64] >> (owner % 64) & 1) != 0)];
    }
}
