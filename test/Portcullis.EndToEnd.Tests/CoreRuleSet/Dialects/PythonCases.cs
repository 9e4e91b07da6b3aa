using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>Reads a folder of tests in the dialect of CRS 3.</summary>
internal static class PythonCases
{
    public static IReadOnlyList<RegressionCase> Read(string folder)
    {
        List<RegressionCase> cases = [];
        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var root = YamlValues.Load(file);
            if (root?.Mapping("meta")?.Flag("enabled") is not true) continue;
            foreach (var test in root.Mappings("tests"))
            {
                var id = test.Text("test_title")!;
                for (var copy = 2; !ids.Add(id); copy++) id = $"{test.Text("test_title")}.{copy}";
                cases.Add(new(id, [.. test.Mappings("stages").Select(stage => Stage(stage.Mapping("stage")!))]));
            }
        }

        return cases;
    }

    private static RegressionStage Stage(YamlMappingNode stage)
    {
        var output = stage.Mapping("output")!;
        return new(PythonInput.Build(stage.Mapping("input")!), new()
        {
            Statuses = output.Numbers("status"),
            LogMatches = Pattern(output, "log_contains"),
            LogMatchesNot = Pattern(output, "no_log_contains"),
            ResponseMatches = Pattern(output, "response_contains"),
            IsError = output.Flag("expect_error") is true,
        });
    }

    private static Regex? Pattern(YamlMappingNode output, string key)
        => output.Text(key) is { } pattern ? new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10)) : null;
}
