using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Literals;
using Portcullis.Waf.Operators;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.SecLang;

namespace Portcullis.Waf.Rules;

/// <summary>Turns operators as written into what compares values.</summary>
internal sealed class OperatorCompiler(NameTable names, PatternCatalogue patterns, IReadOnlyDictionary<string, string> datasets, List<RuleError> notes)
{
    private static readonly string[] Known =
    [
        "beginsWith", "contains", "containsWord", "detectSQLi", "detectXSS", "endsWith", "eq", "ge", "gt", "ipMatch", "ipMatchF", "ipMatchFromDataset", "ipMatchFromFile", "le", "lt",
        "noMatch", "pm", "pmf", "pmFromDataset", "pmFromFile", "rx", "streq", "strmatch", "unconditionalMatch", "validateByteRange", "validateUrlEncoding", "validateUtf8Encoding",
        "verifyCC", "verifyCPF", "verifySSN", "within",
    ];

    // One for each rule set: what a replaced one has taken goes with it.
    private readonly RegexBudget budget = new(RegexBudget.DefaultLimit);

    // Equal patterns of many rules are one object, with one automaton.
    private readonly Dictionary<string, ByteRegex> regexes = new(StringComparer.Ordinal);

    /// <summary>The operator, or null with what is wrong.</summary>
    public Operator? Compile(OperatorSyntax syntax, SourceLocation location, out string? error)
    {
        error = null;
        var argument = syntax.Argument;
        switch (syntax.Name.ToUpperInvariant())
        {
            case "RX": return Regex(argument, out error);
            case "PM": return Words((HexNotation.Decode(argument) ?? argument).Split(Blank.All, StringSplitOptions.RemoveEmptyEntries), $"pm {argument}", out error);
            case "PMFROMFILE" or "PMF": return Lines(argument, location, out error) is { } lines ? Words(lines, $"pmf {location.File} {argument}", out error) : null;
            case "PMFROMDATASET": return Dataset(argument, out error) is { } set ? Words(set, $"pmd {argument}", out error) : null;
            case "IPMATCH": return Addresses(argument.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), out error);
            case "IPMATCHFROMFILE" or "IPMATCHF": return Lines(argument, location, out error) is { } addresses ? Addresses(addresses, out error) : null;
            case "IPMATCHFROMDATASET": return Dataset(argument, out error) is { } networks ? Addresses(networks, out error) : null;
            case "EQ": return Number(NumberOperator.Comparison.Equal, argument, out error);
            case "GE": return Number(NumberOperator.Comparison.GreaterOrEqual, argument, out error);
            case "GT": return Number(NumberOperator.Comparison.Greater, argument, out error);
            case "LE": return Number(NumberOperator.Comparison.LessOrEqual, argument, out error);
            case "LT": return Number(NumberOperator.Comparison.Less, argument, out error);
            case "STREQ": return Text(TextOperator.Comparison.Equals, argument, out error);
            case "CONTAINS" or "STRMATCH": return Text(TextOperator.Comparison.Contains, argument, out error);
            case "CONTAINSWORD": return Text(TextOperator.Comparison.ContainsWord, argument, out error);
            case "BEGINSWITH": return Text(TextOperator.Comparison.BeginsWith, argument, out error);
            case "ENDSWITH": return Text(TextOperator.Comparison.EndsWith, argument, out error);
            case "WITHIN": return Text(TextOperator.Comparison.Within, argument, out error);
            case "DETECTSQLI": return new SqlInjectionOperator();
            case "DETECTXSS": return new CrossSiteScriptingOperator();
            case "VALIDATEBYTERANGE":
                if (ByteRangeOperator.Parse(argument) is { } allowed) return new ByteRangeOperator(allowed);
                error = $"'{argument}' is no list of bytes; write for example 1-255 or 9,10,13,32-126";
                return null;
            case "VALIDATEURLENCODING": return new UrlEncodingOperator();
            case "VALIDATEUTF8ENCODING": return new Utf8Operator();
            case "VERIFYCC": return Checksum(argument, ChecksumOperator.IsCard, out error);
            case "VERIFYSSN": return Checksum(argument, ChecksumOperator.IsSsn, out error);
            case "VERIFYCPF": return Checksum(argument, ChecksumOperator.IsCpf, out error);
            case "GEOLOOKUP" or "RBL":
                notes.Add(new RuleError(location, $"@{syntax.Name} never matches here: {(syntax.Name.Length == 3 ? "a request does not wait for a DNS answer; use @ipMatchFromFile" : "there is no geolocation database; use @ipMatch")}"));
                return ConstantOperator.Never;
            case "UNCONDITIONALMATCH": return ConstantOperator.Always;
            case "NOMATCH": return ConstantOperator.Never;
        }

        error = WhyRefused(syntax.Name) is { } why
            ? $"@{syntax.Name} is not supported: {why}"
            : $"there is no operator @{syntax.Name}{Nearest.Hint(syntax.Name, Known)}; for a regular expression that begins with @ write @rx before it";
        return null;
    }

    private static string? WhyRefused(string name) => name.ToUpperInvariant() switch
    {
        "FUZZYHASH" => "there are no fuzzy hashes",
        "GSBLOOKUP" => "the service of that database has ended",
        "INSPECTFILE" => "no programs are run",
        "RSUB" => "bodies are not rewritten",
        "RXGLOBAL" => "write @rx; only the first match is captured",
        "VALIDATEDTD" or "VALIDATESCHEMA" => "documents are validated by the schema policy, not by rules",
        "VALIDATEHASH" => "links are not signed",
        "VALIDATENID" or "VERIFYSVNR" => "write @rx",
        "RESTPATH" => "write @rx on REQUEST_FILENAME",
        _ => null,
    };

    private Operator? Regex(string pattern, out string? error)
    {
        error = null;
        if (pattern.Contains("%{", StringComparison.Ordinal)) return Macro.Parse(pattern, names, out error) is { } macro ? new MacroRegexOperator(macro) : null;

        if (!regexes.TryGetValue(pattern, out var regex))
        {
            var (compiled, wrong) = ByteRegex.Compile(Slice.Of(pattern).Span, budget);
            if (compiled is null)
            {
                if (wrong!.NeedsBacktracking) return Backtracking(pattern, out error);
                error = wrong.ToString();
                return null;
            }

            regex = compiled;
            regexes.Add(pattern, regex);
        }

        return new RegexOperator(patterns.Add("rx " + pattern, () => RequirementAnalysis.Analyse(regex)), regex);
    }

    private BacktrackingOperator? Backtracking(string pattern, out string? error)
    {
        var (regex, wrong) = BacktrackingRegex.Compile(Slice.Of(pattern).Span, BacktrackingOperator.TimeLimit);
        error = wrong?.ToString();
        return regex is null ? null : new BacktrackingOperator(regex);
    }

    private WordListOperator? Words(IReadOnlyList<string> words, string key, out string? error)
    {
        error = words.Count == 0 ? "the list of words is empty" : null;
        if (words.Count == 0) return null;
        return new WordListOperator(patterns.Add(key, () => MatchRequirement.OneOf([.. words.Select(Encoding.Latin1.GetBytes)])));
    }

    private static AddressOperator? Addresses(IReadOnlyList<string> items, out string? error)
    {
        var networks = AddressOperator.Parse(items, out var wrong);
        error = networks is not null ? null : wrong!.Length == 0 ? "the list of addresses is empty" : $"'{wrong}' is no address or network";
        return networks is null ? null : new AddressOperator(networks);
    }

    private NumberOperator? Number(NumberOperator.Comparison comparison, string argument, out string? error)
        => Macro.Parse(argument, names, out error) is { } macro ? new NumberOperator(comparison, macro) : null;

    private TextOperator? Text(TextOperator.Comparison comparison, string argument, out string? error)
        => Macro.Parse(argument, names, out error) is { } macro ? new TextOperator(comparison, macro) : null;

    private static ChecksumOperator? Checksum(string pattern, ChecksumOperator.Check check, out string? error)
        => Patterns.Compile(pattern, out error) is { } regex ? new ChecksumOperator(regex, check) : null;

    private List<string>? Dataset(string name, out string? error)
    {
        error = datasets.ContainsKey(name) ? null : $"there is no SecDataset {name} before this rule";
        return error is null ? Items(datasets[name]) : null;
    }

    private static List<string>? Lines(string argument, SourceLocation location, out string? error)
    {
        // Several files may stand in one argument, each relative to the file of the rule.
        var items = new List<string>();
        error = null;
        foreach (var name in argument.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var text = RulePath.Resolve(name, location.File) is { } path ? RulePath.Read(path, out error) : null;
            if (text is null)
            {
                error ??= $"'{name}' is no path";
                return null;
            }

            items.AddRange(Items(text));
        }

        return items;
    }

    // One a line; # begins a comment line; spaces around an item do not count, those within do.
    private static List<string> Items(string text)
        => [.. text.Split('\n').Select(line => line.Trim(' ', '\t', '\r')).Where(line => line.Length > 0 && line[0] != '#')];
}
