using System.Text;

namespace Portcullis.Waf.Injection;

/// <summary>
/// The known words, phrases and operators of SQL. They are numbered from 1; a phrase is found by the numbers of its two parts, so nothing is
/// ever put together to look it up. Built once, then read only.
/// </summary>
internal static class SqlWords
{
    private const uint HashSeed = 2166136261;
    private const uint HashFactor = 16777619;
    private const int SlotCount = 4096;

    private static readonly List<SqlWord> Building = [new([])];

    /// <summary>Open addressing: the upper half of the hash and the word's number; 0 is free. About a quarter is taken.</summary>
    private static readonly uint[] Slots = new uint[SlotCount];

    private static readonly SqlWord[] Words = Build();

    /// <summary>The hash of no bytes, to start with.</summary>
    public static uint EmptyHash => HashSeed;

    /// <summary>The hash with one more byte, which must be in upper case.</summary>
    public static uint Extend(uint hash, byte upper) => (hash ^ upper) * HashFactor;

    /// <summary>One more than the highest number.</summary>
    public static int Count => Words.Length;

    /// <summary>The entry of a number that a look-up gave; that of 0 has no text and no type.</summary>
    public static SqlWord Get(int number) => Words[number];

    /// <summary>The number of a word whatever its case, 0 if it is not known.</summary>
    public static int Find(ReadOnlySpan<byte> text)
    {
        if (text.Length > SqlToken.MaximumLength)
            return 0;
        var hash = HashSeed;
        foreach (var one in text)
            hash = Extend(hash, one is >= (byte)'a' and <= (byte)'z' ? (byte)(one - 0x20) : one);
        return Find(text, hash);
    }

    /// <summary>As above, where the hash of its upper case is known.</summary>
    public static int Find(ReadOnlySpan<byte> text, uint hash)
    {
        hash ^= hash >> 13;
        for (var at = hash % SlotCount; ; at = (at + 1) % SlotCount)
        {
            var slot = Slots[at];
            if (slot == 0)
                return 0;
            if ((slot ^ hash) >> 16 == 0 && Ascii.EqualsIgnoreCase(text, Words[(ushort)slot].Text))
                return (ushort)slot;
        }
    }

    /// <summary>The number of the phrase that two words make with a space between, 0 if they make none.</summary>
    public static int FindPhrase(int first, int second)
    {
        foreach (var phrase in Words[first].Phrases)
        {
            if (phrase.Second == second)
                return phrase.Whole;
        }

        return 0;
    }

    private static SqlWord[] Build()
    {
        var table = SqlWordData.Words;
        foreach (var line in table.Split((byte)'\n'))
        {
            var list = table[line][2..];
            foreach (var word in list.Split((byte)','))
                Entry(list[word]).Type = (SqlTokenType)table[line][0];
        }

        for (int whole = 1, known = Building.Count; whole < known; whole++)
            SplitPhrase(whole);
        AddTraits();

        SqlWord[] words = [.. Building];
        for (var number = 1; number < words.Length; number++)
            Place(number, words[number].Text);
        return words;
    }

    /// <summary>Notes a phrase with its first part, at each space where it can be cut.</summary>
    private static void SplitPhrase(int whole)
    {
        var text = Building[whole].Text;
        for (var space = Array.IndexOf(text, (byte)' '); space >= 0; space = Array.IndexOf(text, (byte)' ', space + 1))
        {
            var first = Entry(text.AsSpan(0, space));
            var second = Entry(text.AsSpan(space + 1));
            first.Phrases = [.. first.Phrases, ((ushort)Building.IndexOf(second), (ushort)whole)];
            first.Traits |= SqlWordTraits.OpensPhrase;
            second.Traits |= SqlWordTraits.ClosesPhrase;
        }
    }

    private static void AddTraits()
    {
        Entry("!!"u8).Traits |= SqlWordTraits.Unary;
        Entry("NOT"u8).Traits |= SqlWordTraits.Unary;
        Entry("::"u8).Traits |= SqlWordTraits.Cast;
        Entry("IN"u8).Traits |= SqlWordTraits.Membership;
        Entry("NOT IN"u8).Traits |= SqlWordTraits.Membership;
        Entry("LIKE"u8).Traits |= SqlWordTraits.Likeness;
        Entry("NOT LIKE"u8).Traits |= SqlWordTraits.Likeness;
        Entry("USER"u8).Traits |= SqlWordTraits.User;
        var functions = "USER_ID USER_NAME DATABASE PASSWORD USER CURRENT_USER CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP"u8;
        foreach (var name in functions.Split((byte)' '))
            Entry(functions[name]).Traits |= SqlWordTraits.NameOrFunction;
        foreach (var word in Building)
        {
            if (word.Text.AsSpan().StartsWith("IF"u8))
                word.Traits |= SqlWordTraits.If;
            if (word.Text.Length > 4 && word.Text.AsSpan().StartsWith("INTO"u8))
                word.Traits |= SqlWordTraits.IntoFile;
        }
    }

    /// <summary>The entry of a text, made where there is none yet.</summary>
    private static SqlWord Entry(ReadOnlySpan<byte> text)
    {
        foreach (var word in Building)
        {
            if (text.SequenceEqual(word.Text))
                return word;
        }

        Building.Add(new SqlWord(text.ToArray()));
        return Building[^1];
    }

    private static void Place(int number, ReadOnlySpan<byte> text)
    {
        var hash = HashSeed;
        foreach (var one in text)
            hash = Extend(hash, one);
        hash ^= hash >> 13;
        var at = hash % SlotCount;
        while (Slots[at] != 0)
            at = (at + 1) % SlotCount;
        Slots[at] = hash & 0xFFFF0000 | (uint)number;
    }
}
