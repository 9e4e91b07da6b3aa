namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Collects every problem of one load, so that all are reported at once. Values that came from <c>${env:…}</c> or <c>${file:…}</c>
/// are replaced by <c>[redacted]</c>. Not safe for use from several threads.
/// </summary>
public sealed class ConfigurationProblems(SourceMap source)
{
    /// <summary>Problems that are reported; a last entry says how many more there are.</summary>
    public const int MostReported = 100;

    // Kept before sorting; further ones are only counted, so that a hostile file costs no memory.
    private const int MostKept = 1000;

    private readonly List<ConfigurationProblem> problems = [];
    private readonly HashSet<(string Path, string Message)> seen = [];
    private int errors;
    private int dropped;

    /// <summary>Whether anything forbids to apply the configuration; true also for errors past the caps.</summary>
    public bool HasErrors => errors > 0;

    /// <summary>Whether further problems are only counted, so that nobody need find words for them.</summary>
    internal bool IsFull => problems.Count == MostKept;

    /// <summary>
    /// All problems in the order of the file, errors before warnings at the same place, at most <see cref="MostReported"/>;
    /// errors take precedence when some have to be left out.
    /// </summary>
    public IReadOnlyList<ConfigurationProblem> All
    {
        get
        {
            var total = problems.Count + dropped;
            var reported = problems.OrderByDescending(problem => problem.IsError).Take(MostReported).ToList();
            reported.Sort((left, right) =>
            {
                var order = IsElsewhere(left).CompareTo(IsElsewhere(right));
                if (order == 0 && IsElsewhere(left)) order = string.CompareOrdinal(left.File, right.File);
                if (order == 0) order = left.Line.CompareTo(right.Line);
                if (order == 0) order = left.Column.CompareTo(right.Column);
                if (order == 0) order = right.IsError.CompareTo(left.IsError);
                if (order == 0) order = string.CompareOrdinal(left.Path, right.Path);
                return order == 0 ? string.CompareOrdinal(left.Message, right.Message) : order;
            });
            if (total > MostReported)
            {
                reported.Add(new(HasErrors, source.File, 0, 0, string.Empty, $"{total - MostReported} more problems are not shown", "correct the ones above first"));
            }

            return reported;
        }
    }

    public void Error(string path, string message, string hint)
    {
        var (file, line, column) = source.Locate(path);
        Add(new(IsError: true, file, line, column, path, message, hint));
    }

    public void Warning(string path, string message, string hint)
    {
        var (file, line, column) = source.Locate(path);
        Add(new(IsError: false, file, line, column, path, message, hint));
    }

    /// <summary>An error at a place that has no key path of its own, as a duplicate key.</summary>
    internal void ErrorAt(int line, int column, string path, string message, string hint) => Add(new(IsError: true, source.File, line, column, path, message, hint));

    /// <summary>What is wrong in another file that the configuration names at the path; <paramref name="line"/> 0: with the file as a whole.</summary>
    internal void In(string file, int line, bool isError, string path, string message, string hint) => Add(new(isError, file, line, line > 0 ? 1 : 0, path, message, hint));

    /// <summary>Whether there is an error at the path or below it.</summary>
    internal bool HasErrorAt(string path)
        => problems.Exists(problem => problem.IsError && problem.Path.StartsWith(path, StringComparison.Ordinal)
            && (problem.Path.Length == path.Length || problem.Path[path.Length] is '.' or '['));

    private bool IsElsewhere(ConfigurationProblem problem) => problem.Line > 0 && problem.File != source.File;

    private void Add(ConfigurationProblem problem)
    {
        if (problem.IsError) errors++;
        if (problems.Count == MostKept)
        {
            dropped++;
            return;
        }

        if (seen.Add(($"{problem.Path}\n{problem.File}:{problem.Line}:{problem.Column}", problem.Message)))
            problems.Add(problem with { Message = source.Redact(problem.Message), Hint = source.Redact(problem.Hint) });
    }
}
