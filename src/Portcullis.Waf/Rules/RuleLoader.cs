using System.Globalization;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.SecLang;
using Portcullis.Waf.Transformations;

namespace Portcullis.Waf.Rules;

/// <summary>Applies directives in order: rules become drafts, settings are set, and all that is wrong is collected with its place.</summary>
internal sealed class RuleLoader
{
    private readonly List<RuleError> errors = [];
    private readonly RuleDrafts drafts;

    public RuleLoader()
    {
        drafts = new RuleDrafts(errors);
        Files = new RuleFiles(Apply, drafts, errors);
    }

    public RuleFiles Files { get; }

    public RuleSettings Settings { get; } = new();

    /// <summary>What <c>urlDecodeUni</c> makes of <c>%uHHHH</c>.</summary>
    public UnicodeMap UnicodeMap { get; set; } = UnicodeMap.Default;

    /// <summary>Word lists that <c>SecDataset</c> defines.</summary>
    public Dictionary<string, string> Datasets { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<RuleDraft> Drafts => drafts.All;

    public List<RuleError> Errors => errors;

    /// <summary>What is accepted and does nothing, so that nobody relies on it.</summary>
    public List<RuleError> Notes { get; } = [];

    public void Error(Directive directive, string message) => errors.Add(new RuleError(directive.Location, message));

    private void Apply(Directive directive)
    {
        var arguments = directive.Arguments;
        switch (directive.Name.ToUpperInvariant())
        {
            case "SECRULE": Rule(directive); return;
            case "SECACTION":
                if (Expect(directive, 1) && Actions(directive, arguments[0]) is { } actions) drafts.Add(directive.Location, [], null, actions);
                return;
            case "SECMARKER":
                if (Expect(directive, 1)) drafts.AddMarker(directive.Location, arguments[0]);
                return;
            case "SECDEFAULTACTION":
                if (Expect(directive, 1) && Actions(directive, arguments[0]) is { } defaults) drafts.SetDefault(directive.Location, defaults);
                return;
            case "SECRULEREMOVEBYID": Remove(directive); return;
            case "SECRULEREMOVEBYTAG" or "SECRULEREMOVEBYMSG": RemoveByText(directive); return;
            case "SECRULEUPDATETARGETBYID" or "SECRULEUPDATETARGETBYTAG" or "SECRULEUPDATETARGETBYMSG": UpdateTargets(directive); return;
            case "SECRULEUPDATEACTIONBYID": UpdateActions(directive); return;
            case "SECUNICODEMAPFILE" or "SECUNICODEMAP": DirectiveHandlers.UnicodeMapFile(this, directive); return;
            case "SECDATASET":
                if (Expect(directive, 2) && !Datasets.TryAdd(arguments[0], arguments[1])) Error(directive, $"the dataset {arguments[0]} is defined twice");
                return;
            case "SECRESPONSEBODYMIMETYPE":
                if (arguments.Count == 0) Error(directive, "SecResponseBodyMimeType takes media types: text/html text/plain");
                Settings.AddResponseBodyTypes(arguments.Select(type => type.ToLowerInvariant()));
                return;
            case "SECRESPONSEBODYMIMETYPESCLEAR": Settings.ClearResponseBodyTypes(); return;
        }

        if (DirectiveHandlers.Settings.TryGetValue(directive.Name, out var set))
        {
            if (Expect(directive, 1) && set(this, arguments[0]) is { } wrong) Error(directive, $"{directive.Name}: {wrong}");
        }
        else if (DirectiveHandlers.Refused.TryGetValue(directive.Name, out var why))
        {
            Error(directive, $"{directive.Name} is not supported: {why}");
        }
        else if (DirectiveHandlers.WithoutEffect.Contains(directive.Name))
        {
            Notes.Add(new RuleError(directive.Location, $"{directive.Name} does nothing here: the gateway has its own settings for that"));
        }
        else
        {
            Error(directive, $"there is no directive {Shorten(directive.Name)}{Nearest.Hint(directive.Name, Known())}");
        }
    }

    private void Rule(Directive directive)
    {
        var arguments = directive.Arguments;
        if (arguments.Count is not (2 or 3))
        {
            Error(directive, $"SecRule takes variables, an operator and actions, each in quotes where it has spaces; here are {arguments.Count} arguments");
            return;
        }

        if (TargetParser.Parse(arguments[0], out var error) is not { } targets)
        {
            Error(directive, error!);
            return;
        }

        if (Actions(directive, arguments.Count == 3 ? arguments[2] : "") is { } actions) drafts.Add(directive.Location, targets, OperatorSyntax.Parse(arguments[1]), actions);
    }

    private void Remove(Directive directive)
    {
        var text = string.Join(' ', directive.Arguments);
        if (IdRange.Parse(text) is { } ranges) NoteUnused(directive, drafts.Remove(rule => ranges.Exists(range => range.Contains(rule.Id))));
        else Error(directive, $"'{text}' is no list of ids; write SecRuleRemoveById 942100 942200-942299");
    }

    private void RemoveByText(Directive directive)
    {
        if (Expect(directive, 1) && Regex(directive, directive.Arguments[0]) is { } regex) NoteUnused(directive, drafts.Remove(ByText(regex, directive.Name.EndsWith("Tag", StringComparison.OrdinalIgnoreCase))));
    }

    private void UpdateTargets(Directive directive)
    {
        var arguments = directive.Arguments;
        if (arguments.Count is not (2 or 3))
        {
            Error(directive, $"{directive.Name} takes which rules and which targets, here are {arguments.Count} arguments");
            return;
        }

        var targets = TargetParser.Parse(arguments[1], out var error);
        var replaced = arguments.Count == 3 && error is null ? TargetParser.Parse(arguments[2], out error) : null;
        if (error is not null)
        {
            Error(directive, error);
            return;
        }

        if (directive.Name.EndsWith("ById", StringComparison.OrdinalIgnoreCase))
        {
            if (IdRange.Parse(arguments[0]) is { } ranges) NoteUnused(directive, drafts.UpdateTargets(rule => ranges.Exists(range => range.Contains(rule.Id)), targets!, replaced));
            else Error(directive, $"'{arguments[0]}' is no id; write {directive.Name} 942100 \"!ARGS:name\"");
        }
        else if (Regex(directive, arguments[0]) is { } regex)
        {
            NoteUnused(directive, drafts.UpdateTargets(ByText(regex, directive.Name.EndsWith("Tag", StringComparison.OrdinalIgnoreCase)), targets!, replaced));
        }
    }

    private void UpdateActions(Directive directive)
    {
        if (!Expect(directive, 2) || Actions(directive, directive.Arguments[1]) is not { } actions) return;
        var parts = directive.Arguments[0].Split(':');
        var link = 0;
        if (parts.Length > 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out link)))
        {
            Error(directive, $"'{directive.Arguments[0]}' is no id; write SecRuleUpdateActionById 942100 or, for a link of its chain, 942100:1");
            return;
        }

        drafts.UpdateActions(directive.Location, id, link, actions);
    }

    // Shared lists of exclusions name rules that not every set has, so this is no error.
    private void NoteUnused(Directive directive, int selected)
    {
        if (selected == 0) Notes.Add(new RuleError(directive.Location, $"{directive.Name} {string.Join(" ", directive.Arguments.Take(1))} changes nothing: no rule before this line is meant"));
    }

    private List<ActionSyntax>? Actions(Directive directive, string text)
    {
        var actions = ActionParser.Parse(text, out var error);
        if (actions is null) Error(directive, error!);
        return actions;
    }

    private ByteRegex? Regex(Directive directive, string pattern)
    {
        var regex = Patterns.Compile(pattern, out var error);
        if (regex is null) Error(directive, $"'{pattern}': {error}");
        return regex;
    }

    private static Predicate<RuleDraft> ByText(ByteRegex regex, bool isTag)
        => isTag
            ? rule => rule.Tags.Any(tag => regex.IsMatch(Bytes.Slice.Of(tag).Span))
            : rule => rule.Message is { } message && regex.IsMatch(Bytes.Slice.Of(message).Span);

    private bool Expect(Directive directive, int count)
    {
        if (directive.Arguments.Count == count) return true;
        Error(directive, $"{directive.Name} takes {count} argument{(count == 1 ? "" : "s")}, here are {directive.Arguments.Count}; put one that has spaces in quotes");
        return false;
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";

    private static IEnumerable<string> Known()
        => [.. DirectiveHandlers.Settings.Keys, .. DirectiveHandlers.WithoutEffect, .. DirectiveHandlers.Refused.Keys,
            "SecRule", "SecAction", "SecMarker", "SecDefaultAction", "SecRuleRemoveById", "SecRuleRemoveByTag", "SecRuleRemoveByMsg", "SecRuleUpdateTargetById",
            "SecRuleUpdateTargetByTag", "SecRuleUpdateTargetByMsg", "SecRuleUpdateActionById", "SecUnicodeMapFile", "SecDataset", "SecResponseBodyMimeType",
            "SecResponseBodyMimeTypesClear", "Include", "IncludeOptional"];
}
