namespace Portcullis.Gateway.Configuration;

/// <summary>Collects every problem of one load, so that all are reported at once.</summary>
public sealed class ConfigurationProblems(SourceMap source)
{
    private readonly List<ConfigurationProblem> problems = [];

    public IReadOnlyList<ConfigurationProblem> All => problems;

    public bool HasErrors => problems.Exists(problem => problem.IsError);

    public void Error(string path, string message, string hint) => Add(isError: true, path, message, hint);

    public void Warning(string path, string message, string hint) => Add(isError: false, path, message, hint);

    private void Add(bool isError, string path, string message, string hint)
    {
        var (file, line, column) = source.Locate(path);
        problems.Add(new(isError, file, line, column, path, message, hint));
    }
}
