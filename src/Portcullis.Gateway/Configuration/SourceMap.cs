using System.Text;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Where each key path of a configuration stands in its file, which ones come from environment variables instead, and which
/// values were filled in from <c>${env:…}</c> or <c>${file:…}</c> and must therefore not be shown.
/// </summary>
public sealed class SourceMap(string file)
{
    // Shorter filled-in values are hidden only as whole words, so that a port number does not blank every digit of a message.
    private const int ShortValue = 8;

    // Fewer letters of a value before a cut tell nothing, and stand in many words.
    private const int LeastShown = 4;

    private readonly Dictionary<string, (int Line, int Column)> positions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> placeholders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> shorthands = new(StringComparer.Ordinal);
    private readonly HashSet<string> hidden = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A map for configurations that come from no file, as the built-in demo.</summary>
    public static SourceMap BuiltIn { get; } = new("(built in)");

    public string File => file;

    public void Add(string path, int line, int column) => positions.TryAdd(path, (line, column));

    /// <summary>Whether the file, or an environment variable, has the path.</summary>
    public bool Contains(string path) => positions.ContainsKey(path) || variables.ContainsKey(path);

    /// <summary>
    /// The position of the path, or of its nearest ancestor that the file has. For a value set by an environment variable the
    /// variable's name stands in place of the file, with line and column 0.
    /// </summary>
    public (string File, int Line, int Column) Locate(string path)
    {
        var candidate = path.AsSpan();
        while (true)
        {
            var key = candidate.ToString();
            if (variables.TryGetValue(key, out var variable)) return (variable, 0, 0);
            if (positions.TryGetValue(key, out var position)) return (file, position.Line, position.Column);
            if (shorthands.TryGetValue(key, out var record)) return Locate(record + path[key.Length..]);
            if (candidate.IsEmpty) return (file, 1, 1);
            candidate = candidate[..Math.Max(0, candidate.LastIndexOfAny('.', '['))];
        }
    }

    /// <summary>What stands in the file where the value at this path was filled in, as <c>${env:PASSWORD}</c>; null for other values.</summary>
    public string? Placeholder(string path) => placeholders.GetValueOrDefault(path);

    /// <summary>The text with every filled-in value replaced.</summary>
    internal string Redact(string text)
    {
        foreach (var value in hidden) text = Hide(text, value, wholeWords: value.Length < ShortValue);
        return HideCut(text);
    }

    /// <summary>Notes that the file does not name the property, but writes its value in place of the record.</summary>
    internal void AddShorthand(string propertyPath, string recordPath) => shorthands.TryAdd(propertyPath, recordPath);

    internal void AddVariable(string path, string variable) => variables.TryAdd(path, variable);

    internal void AddFilledIn(string path, string placeholder) => placeholders.TryAdd(path, placeholder);

    /// <summary>Hides the value in every message.</summary>
    internal void Hide(string value)
    {
        if (value.Length == 0) return;
        hidden.Add(value);

        // As a message would have it.
        hidden.Add(Excerpt.Of(value, value.Length));
    }

    // A message quotes only the beginning of a long text: what stands before the ellipsis may be the beginning of a hidden value.
    private string HideCut(string text)
    {
        for (var end = text.IndexOf(Excerpt.Ellipsis); end >= 0; end = text.IndexOf(Excerpt.Ellipsis, end + 1))
        {
            var before = text.AsSpan(0, end);
            var longest = 0;
            foreach (var value in hidden) longest = Math.Max(longest, Overlap(before, value));
            if (longest < LeastShown) continue;
            text = $"{text.AsSpan(0, end - longest)}[redacted]{text.AsSpan(end)}";
            end += "[redacted]".Length - longest;
        }

        return text;
    }

    // How many letters at the end of the text are the first ones of the value.
    private static int Overlap(ReadOnlySpan<char> text, string value)
    {
        var rest = text[Math.Max(0, text.Length - value.Length)..];
        while (true)
        {
            var start = rest.IndexOfAny(char.ToLowerInvariant(value[0]), char.ToUpperInvariant(value[0]));
            if (start < 0) return 0;
            rest = rest[start..];
            if (value.AsSpan(0, rest.Length).Equals(rest, StringComparison.OrdinalIgnoreCase)) return rest.Length;
            rest = rest[1..];
        }
    }

    private static string Hide(string text, string value, bool wholeWords)
    {
        StringBuilder? result = null;
        var copied = 0;
        for (var from = 0; from < text.Length;)
        {
            var at = text.IndexOf(value, from, StringComparison.OrdinalIgnoreCase);
            if (at < 0) break;
            var end = at + value.Length;
            if (wholeWords && ((at > 0 && char.IsLetterOrDigit(text[at - 1])) || (end < text.Length && char.IsLetterOrDigit(text[end]))))
            {
                from = at + 1;
                continue;
            }

            (result ??= new()).Append(text, copied, at - copied).Append("[redacted]");
            copied = from = end;
        }

        return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
    }
}
