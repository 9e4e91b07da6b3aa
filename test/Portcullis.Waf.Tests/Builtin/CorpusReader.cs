using System.Text;

namespace Portcullis.Waf.Tests.Builtin;

/// <summary>
/// Reads the corpora; their format is described in <c>Corpus/attacks/README.md</c>. Rules were tuned with all of <c>category.tuned.txt</c>, with nothing of
/// <c>category.held.txt</c>, and with four fifths of a file without such a word.
/// </summary>
internal static class CorpusReader
{
    /// <summary>All lines of a folder, each once for every target it is for.</summary>
    public static List<CorpusLine> Read(string folder) => ReadDirectory(Path.Combine(Repository.Root, "test", "Portcullis.Waf.Tests", "Builtin", "Corpus", folder));

    internal static List<CorpusLine> ReadDirectory(string directory)
    {
        var lines = new List<CorpusLine>();
        foreach (var file in Directory.GetFiles(directory, "*.txt").Order(StringComparer.Ordinal)) Read(file, lines);
        return lines;
    }

    /// <summary>How many lines a folder has, however many targets they are for.</summary>
    public static int Count(IEnumerable<CorpusLine> lines) => lines.DistinctBy(line => line.Place).Count();

    private static void Read(string file, List<CorpusLine> lines)
    {
        var place = Path.GetFileNameWithoutExtension(file);
        var category = place.Split('.')[0];
        var heldOutOf = Path.GetExtension(place) switch { ".tuned" => 0u, ".held" => 1u, _ => 5u };
        string[] targets = ["query"];
        var number = 0;
        foreach (var text in File.ReadLines(file))
        {
            number++;
            if (text.Length == 0 || text[0] == '#') continue;
            if (text.StartsWith("@ ", StringComparison.Ordinal))
            {
                targets = text[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                continue;
            }

            var payload = Bytes(text);
            foreach (var target in targets) lines.Add(new CorpusLine(category, target, payload, $"{place}:{number}", heldOutOf));
        }
    }

    /// <summary>UTF-8, with ⟦0D0A⟧ for bytes in hexadecimal.</summary>
    private static byte[] Bytes(string text)
    {
        if (!text.Contains('⟦', StringComparison.Ordinal)) return Encoding.UTF8.GetBytes(text);

        var bytes = new List<byte>();
        for (var at = 0; at < text.Length;)
        {
            var end = text[at] == '⟦' ? text.IndexOf('⟧', at) : -1;
            if (end > 0)
            {
                bytes.AddRange(Convert.FromHexString(text[(at + 1)..end]));
                at = end + 1;
                continue;
            }

            var next = text.IndexOf('⟦', at + 1);
            if (next < 0) next = text.Length;
            bytes.AddRange(Encoding.UTF8.GetBytes(text[at..next]));
            at = next;
        }

        return [.. bytes];
    }
}
