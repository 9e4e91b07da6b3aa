using Portcullis.Gateway.Configuration;
using Portcullis.Waf;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>The rules of one configuration: loaded when the first route wants them, with all that is wrong reported once.</summary>
internal sealed class ConfiguredRules(WafOptions options, RuleSets sets, ConfigurationProblems problems)
{
    private const string Path = "waf.rules";
    private const string NoteHint = "nothing needs to be done unless you rely on it";

    private RuleSetResult? loaded;

    /// <summary>The rules; null where there are errors, which have been reported.</summary>
    public RuleSet? Value => (loaded ??= Load()).RuleSet;

    private RuleSetResult Load()
    {
        var result = sets.Load(options);
        foreach (var error in result.Errors) Report(isError: true, error.Location.File, error.Location.Line, error.Message);
        foreach (var note in result.Notes) Report(isError: false, note.Location.File, note.Location.Line, note.Message);
        return result;
    }

    private void Report(bool isError, string file, int line, string message)
    {
        if (line > 0)
        {
            problems.In(file, line, isError, Path, message, isError ? "correct the rule file; the rules that run stay until then" : NoteHint);
            return;
        }

        var index = options.Rules.ToList().IndexOf(file);
        var path = index < 0 ? Path : $"{Path}[{index}]";
        if (isError) problems.Error(path, message, "name files that the gateway's user can read; relative paths start at the configuration file's directory");
        else problems.Warning(path, message, NoteHint);
    }
}
