namespace Portcullis.Gateway.Configuration;

/// <summary>Where each key path of a configuration stands in its file.</summary>
public sealed class SourceMap(string file)
{
    private readonly Dictionary<string, (int Line, int Column)> positions = new(StringComparer.Ordinal);

    /// <summary>A map for configurations that come from no file, as the built-in demo.</summary>
    public static SourceMap BuiltIn { get; } = new("(built in)");

    public string File => file;

    public void Add(string path, int line, int column) => positions.TryAdd(path, (line, column));

    /// <summary>The position of the path, or of its nearest ancestor that the file has.</summary>
    public (string File, int Line, int Column) Locate(string path)
    {
        var candidate = path.AsSpan();
        while (true)
        {
            if (positions.TryGetValue(candidate.ToString(), out var position)) return (file, position.Line, position.Column);
            if (candidate.IsEmpty) return (file, 1, 1);
            candidate = candidate[..Math.Max(0, candidate.LastIndexOfAny('.', '['))];
        }
    }
}
