using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>Reads a folder of tests in the dialect of CRS 4.</summary>
internal static class GoCases
{
    public static IReadOnlyList<RegressionCase> Read(string folder)
    {
        List<RegressionCase> cases = [];
        foreach (var file in Directory.EnumerateFiles(folder, "*.y*ml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (YamlValues.Load(file) is not { } root) continue;
            var number = 0;
            foreach (var test in root.Mappings("tests"))
            {
                number++;
                var id = $"{root.Text("rule_id") ?? Path.GetFileNameWithoutExtension(file)}-{test.Text("test_id") ?? $"{number}"}";
                cases.Add(new(id, [.. test.Mappings("stages").Select(Stage)]));
            }
        }

        return cases;
    }

    private static RegressionStage Stage(YamlMappingNode stage)
    {
        var output = stage.Mapping("output")!;
        var log = output.Mapping("log") ?? new YamlMappingNode();
        return new(GoInput.Build(stage.Mapping("input")!), new()
        {
            Statuses = output.Numbers("status"),
            Ids = log.Numbers("expect_ids"),
            NoIds = log.Numbers("no_expect_ids"),
            LogMatches = Pattern(log.Text("match_regex") ?? output.Text("log_contains")),
            LogMatchesNot = Pattern(log.Text("no_match_regex") ?? output.Text("no_log_contains")),
            ResponseMatches = Pattern(output.Text("response_contains")),
            IsIsolated = output.Flag("isolated") is true,
            IsError = output.Flag("expect_error") is true,
            RetriesOnce = output.Flag("retry_once") is true,
        });
    }

    private static Regex? Pattern(string? pattern) => pattern is null ? null : new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
}
