namespace Portcullis.Waf.Tests.Regexes;

/// <summary>Small changes of a value: bytes replaced, dropped, doubled, a piece of another value put in.</summary>
internal static class Mutation
{
    private static readonly byte[] Marks = "\0\n\r\t\v '\"();|&$<>{}[]=%\\/-_.#aZ09\x7F"u8.ToArray();

    public static byte[] Of(byte[] value, byte[] other, Random random)
    {
        var changed = new List<byte>(value);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(changed.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < changed.Count:
                    changed[at] = random.Next(4) == 0 ? (byte)random.Next(256) : Marks[random.Next(Marks.Length)];
                    break;
                case 1 when at < changed.Count:
                    changed.RemoveAt(at);
                    break;
                case 2:
                    changed.Insert(at, Marks[random.Next(Marks.Length)]);
                    break;
                case 3 when other.Length > 0:
                    var from = random.Next(other.Length);
                    changed.InsertRange(at, other.AsSpan(from, random.Next(other.Length - from) + 1).ToArray());
                    break;
                case 4 when at < changed.Count:
                    changed[at] ^= 0x20;
                    break;
            }
        }

        return [.. changed];
    }
}
