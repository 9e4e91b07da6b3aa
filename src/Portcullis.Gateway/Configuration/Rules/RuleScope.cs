namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>What a rule looks at and where it reports.</summary>
internal sealed record RuleScope(GatewayOptions Options, string Directory, SourceMap Source, ConfigurationProblems Problems)
{
    /// <summary>
    /// Whether the file has the path. Values with errors are missing from <see cref="Options"/>; a rule that misses something
    /// asks here first, so that one mistake gives one error.
    /// </summary>
    public bool IsWritten(string path) => Source.Contains(path);

    /// <summary>A file's name as it would be written in the configuration.</summary>
    public string Show(string file) => FileName.Show(file, Directory);

    public void Error(string path, string message, string hint) => Problems.Error(path, message, hint);

    public void Warning(string path, string message, string hint) => Problems.Warning(path, message, hint);

    /// <summary>Reports a name that <paramref name="section"/> does not define.</summary>
    public void Reference(string path, string section, string what, string name, IReadOnlyCollection<string> known)
    {
        if (known.Contains(name) || IsWritten($"{section}.{name}")) return;
        Error(path, $"there is no {what} {Excerpt.Quote(name)}", (Problems.IsFull ? null : NearestName.Hint(name, known)) ?? $"define it under {section}");
    }
}
