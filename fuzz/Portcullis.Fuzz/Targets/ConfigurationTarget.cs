using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The configuration loader: input is a file. Whatever it holds, loading ends with options or with errors in words, a secret
/// shows in neither, and what loads can be written out and compared.
/// </summary>
internal sealed class ConfigurationTarget : IFuzzTarget
{
    private const string Hidden = "hunter2hunter2";

    private readonly ConfigurationLoader loader = new(PolicyKinds.All, new Dictionary<string, string>(StringComparer.Ordinal) { ["S"] = Hidden });

    public string Name => "configuration";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "listeners:", "clusters:", "routes:", "policies:", "identity:", "telemetry:", "address:", "destinations:", "match:", "path:", "cluster:", "authenticate:", "tls:",
        "none", "token", "127.0.0.1:0", "http://127.0.0.1:9001", "10s", "32KiB", "240B/s", "true", "null", "~", "${env:S}", "${env:", "$${", "${file:x}", "&a", "*a", "<<", "!!", "!x ",
        "---", "...", "%YAML 1.2", "{", "}", "[", "]", ": ", "- ", "? ", "|\n", ">-\n", "\n", "\r\n", "\t", "  ", "\"", "'", "#", "\\u0000", "\uFEFF", "\u0085", "\u2028",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var loaded = loader.Load(input, "fuzz.yaml", Path.GetTempPath());
        var problems = loaded.Problems.All;
        BrokenInvariantException.Unless(loaded.Options is not null || problems.Any(problem => problem.IsError), "what is not loaded has an error");
        BrokenInvariantException.Unless(problems.Count <= ConfigurationProblems.MostReported + 1, "problems keep their cap");
        foreach (var problem in problems)
        {
            var text = problem.ToString();
            BrokenInvariantException.Unless(problem.Message.Length > 0 && problem.Hint.Length > 0, "a problem says what and what to do");
            BrokenInvariantException.Unless(!text.Contains(Hidden, StringComparison.OrdinalIgnoreCase), "a filled-in value is not shown in a problem");
            BrokenInvariantException.Unless(!text.Replace("\n  hint: ", string.Empty, StringComparison.Ordinal).Any(char.IsControl), "no control character of the file reaches the terminal");
        }

        var yaml = EffectiveConfiguration.ToYaml(loaded);
        BrokenInvariantException.Unless(!yaml.Contains(Hidden, StringComparison.OrdinalIgnoreCase), "a filled-in value is not written out");
        BrokenInvariantException.Unless(ConfigurationDiff.Compare(loaded, loaded).Changes.Count == 0, "a configuration does not differ from itself");
    }
}
