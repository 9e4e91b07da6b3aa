using Portcullis.Waf.Rules;

namespace Portcullis.Waf.SecLang;

/// <summary>Finds the files that rules are made of: those that are included, and the lists and maps that directives name.</summary>
internal static class RuleFileList
{
    public static IReadOnlyList<string> Of(IReadOnlyList<string> sources, string directory)
    {
        var found = new List<string>();
        var errors = new List<RuleError>();
        var files = new RuleFiles(directive => Add(directive, found), new RuleDrafts(errors), errors);
        foreach (var source in sources)
        {
            if (source == RuleSet.Builtin) continue;
            if (RulePath.Combine(source, directory) is { } path && !path.AsSpan().ContainsAny('*', '?')) found.Add(path);
            files.Include(source, directory, new SourceLocation(source, 0));
        }

        return [.. found.Concat(files.Read).Distinct(StringComparer.Ordinal)];
    }

    private static void Add(Directive directive, List<string> found)
    {
        if (directive.Is("SecRule") && directive.Arguments.Count > 1)
        {
            var syntax = OperatorSyntax.Parse(directive.Arguments[1]);
            if (!syntax.Name.EndsWith("FromFile", StringComparison.OrdinalIgnoreCase) && !syntax.Name.EndsWith("MatchF", StringComparison.OrdinalIgnoreCase)
                && !syntax.Name.Equals("pmf", StringComparison.OrdinalIgnoreCase)) return;
            foreach (var name in syntax.Argument.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)) Add(name, directive, found);
        }
        else if (directive.Is("SecUnicodeMapFile") && directive.Arguments.Count > 0)
        {
            Add(directive.Arguments[0], directive, found);
        }
        else if (directive.Is("Include") && directive.Arguments is [var path] && !path.AsSpan().ContainsAny('*', '?'))
        {
            Add(path, directive, found);
        }
    }

    private static void Add(string name, Directive directive, List<string> found)
    {
        if (RulePath.Resolve(name, directive.Location.File) is { } path) found.Add(path);
    }
}
