using System.Text;

namespace Portcullis.Waf.Tests.Regexes;

/// <summary>The @rx patterns of installed rule sets: just enough of SecLang to find them.</summary>
internal static class CrsPatterns
{
    public const string DebianRules = "/usr/share/modsecurity-crs/rules";

    /// <summary>Names a directory of other rules, such as those of CRS 4.</summary>
    public const string OtherRulesVariable = "PORTCULLIS_TEST_CRS_RULES";

    /// <summary>The distinct patterns of Debian's rules.</summary>
    public static IReadOnlyList<CrsPattern> Debian()
    {
        Requirement.System(Directory.Exists(DebianRules), $"{DebianRules} is absent (Debian package modsecurity-crs)");
        return Of(DebianRules);
    }

    /// <summary>The distinct patterns of all rules that are to be had.</summary>
    public static IReadOnlyList<CrsPattern> All()
    {
        var others = Environment.GetEnvironmentVariable(OtherRulesVariable);
        var patterns = Debian().ToList();
        if (!string.IsNullOrEmpty(others)) patterns.AddRange(Of(others));
        return [.. patterns.DistinctBy(static pattern => Encoding.Latin1.GetString(pattern.Text))];
    }

    public static IReadOnlyList<CrsPattern> Of(string directory)
    {
        List<CrsPattern> patterns = [];
        foreach (var file in Directory.GetFiles(directory, "*.conf").Order(StringComparer.Ordinal))
        {
            var text = File.ReadAllText(file, Encoding.Latin1).Replace("\\\n", "", StringComparison.Ordinal);
            foreach (var line in text.Split('\n'))
            {
                if (PatternOf(line.Trim()) is { } pattern)
                    patterns.Add(new CrsPattern(IdOf(line), Encoding.Latin1.GetBytes(pattern)));
            }
        }

        return [.. patterns.DistinctBy(static pattern => Encoding.Latin1.GetString(pattern.Text))];
    }

    private static string? PatternOf(string line)
    {
        if (!line.StartsWith("SecRule ", StringComparison.Ordinal)) return null;
        var at = "SecRule ".Length;
        _ = Argument(line, ref at);
        var operation = Argument(line, ref at).TrimStart('!');
        if (operation.StartsWith("@rx ", StringComparison.Ordinal)) return operation[4..];
        return operation.StartsWith('@') ? null : operation;
    }

    private static string Argument(string line, ref int at)
    {
        while (at < line.Length && line[at] == ' ') at++;
        var argument = new StringBuilder();
        var isQuoted = at < line.Length && line[at] == '"';
        if (isQuoted) at++;
        for (; at < line.Length && line[at] != (isQuoted ? '"' : ' '); at++)
        {
            if (isQuoted && line[at] == '\\' && at + 1 < line.Length)
            {
                if (line[at + 1] != '"') argument.Append('\\');
                at++;
            }

            argument.Append(line[at]);
        }

        at++;
        return argument.ToString();
    }

    private static string IdOf(string line)
    {
        var at = line.IndexOf("id:", StringComparison.Ordinal);
        return at < 0 ? "link" : new string([.. line.Skip(at + 3).TakeWhile(char.IsAsciiDigit)]);
    }
}
