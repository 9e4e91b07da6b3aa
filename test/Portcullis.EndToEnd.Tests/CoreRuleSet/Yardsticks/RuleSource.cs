using Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

/// <summary>A version of the Core Rule Set on this machine, with its tests.</summary>
/// <param name="Files">What a server includes, in order; a name may hold a wildcard. Behind <c>engine.conf</c> and before nothing else.</param>
/// <param name="Cases">Read when first wanted.</param>
internal sealed record RuleSource(string Name, IReadOnlyList<string> Files, Lazy<IReadOnlyList<RegressionCase>> Cases)
{
    /// <summary>Where the folder of a release of CRS 4 is, with its rules and tests.</summary>
    public const string Crs4Variable = "PORTCULLIS_TEST_CRS4";

    /// <summary>3.3.4, the rules from Debian's package.</summary>
    public static RuleSource Crs3()
    {
        const string Setup = "/etc/modsecurity/crs/crs-setup.conf";
        const string Rules = "/usr/share/modsecurity-crs/rules";
        Requirement.System(File.Exists(Setup) && Directory.Exists(Rules), "the Core Rule Set 3.3 is not installed (Debian package modsecurity-crs)");
        var tests = Requirement.Data("crs-3.3.4-tests");
        return new("3.3.4", [Setup, ServerFiles.Template("settings-3.conf"), Path.Combine(Rules, "*.conf")], new(() => PythonCases.Read(tests)));
    }

    /// <summary>4.x, as released by its project.</summary>
    public static RuleSource Crs4()
    {
        // Not installed by CI, since no package holds it: absence is never a failure.
        var folder = Environment.GetEnvironmentVariable(Crs4Variable) ?? string.Empty;
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "rules")), $"{Crs4Variable} names no folder of a Core Rule Set 4 with rules/ and tests/");
        return new(
            "4",
            [Path.Combine(folder, "crs-setup.conf.example"), ServerFiles.Template("settings-4.conf"), Path.Combine(folder, "rules", "*.conf")],
            new(() => GoCases.Read(Path.Combine(folder, "tests", "regression", "tests"))));
    }

    /// <summary>By name: <c>3.3.4</c> or <c>4</c>.</summary>
    public static RuleSource Named(string name) => name switch
    {
        "3" or "3.3" or "3.3.4" => Crs3(),
        "4" => Crs4(),
        _ => throw new ArgumentException($"No Core Rule Set {name}: 3.3.4 or 4", nameof(name)),
    };
}
