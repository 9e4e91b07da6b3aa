using System.Text;

namespace Portcullis.Fuzz;

/// <summary>Makes new inputs out of old ones. The same seed gives the same inputs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> corpus, IReadOnlyList<string> dictionary)
{
    /// <summary>An input never grows beyond this.</summary>
    private const int MaximumLength = 64 * 1024;

    /// <summary>The next input: one of the corpus with a few changes.</summary>
    public byte[] Next()
    {
        var input = new List<byte>(corpus[random.Next(corpus.Count)]);
        for (var changes = random.Next(1, 8); changes > 0; changes--)
            Change(input);
        if (input.Count > MaximumLength)
            input.RemoveRange(MaximumLength, input.Count - MaximumLength);
        return [.. input];
    }

    private void Change(List<byte> input)
    {
        var at = random.Next(input.Count + 1);
        switch (random.Next(7))
        {
            case 0 when input.Count > 0:
                input[Math.Min(at, input.Count - 1)] = (byte)random.Next(256);
                break;
            case 1 when input.Count > 0:
                input[Math.Min(at, input.Count - 1)] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                input.RemoveRange(at, Math.Min(random.Next(8), input.Count - at));
                break;
            case 3 when dictionary.Count > 0:
                input.InsertRange(at, Encoding.Latin1.GetBytes(dictionary[random.Next(dictionary.Count)]));
                break;
            case 4:
                input.InsertRange(at, input.GetRange(at, Math.Min(random.Next(32), input.Count - at)));
                break;
            case 5:
                var other = corpus[random.Next(corpus.Count)];
                var start = random.Next(other.Length + 1);
                input.InsertRange(at, other.AsSpan(start, random.Next(other.Length - start + 1)).ToArray());
                break;
            default:
                input.Insert(at, (byte)random.Next(256));
                break;
        }
    }
}
