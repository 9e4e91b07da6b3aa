using System.Globalization;
using Portcullis.Waf.SecLang;

namespace Portcullis.Waf.Rules;

/// <summary>The rules of a set while its files are read: <c>SecRule</c> adds, <c>SecRuleRemove…</c> and <c>SecRuleUpdate…</c> change what was added before.</summary>
internal sealed class RuleDrafts(List<RuleError> errors)
{
    // What ModSecurity does where no SecDefaultAction says otherwise.
    private static readonly IReadOnlyList<ActionSyntax> Ordinary = [new("log", null), new("auditlog", null), new("pass", null)];

    /// <summary>Of one rule set, markers included.</summary>
    public const int MaximumRules = 100_000;

    private readonly Dictionary<Phase, IReadOnlyList<ActionSyntax>> defaults = [];
    private readonly Dictionary<long, SourceLocation> ids = [];
    private RuleDraft? open;

    public List<RuleDraft> All { get; } = [];

    public void Add(SourceLocation location, List<TargetSyntax> targets, OperatorSyntax? comparison, List<ActionSyntax> actions)
    {
        var link = new LinkDraft { Location = location, Targets = targets, Operator = comparison, Actions = actions };
        if (open is not null)
        {
            AddLink(link);
            return;
        }

        if (All.Count == MaximumRules) errors.Add(new RuleError(location, $"more than {MaximumRules} rules"));
        var phase = RuleDraft.ReadPhase(link.Action("phase") ?? "2");
        if (phase is null)
        {
            errors.Add(new RuleError(location, $"phase:{link.Action("phase")} is no phase; write 1, 2, 3, 4, 5, request, response or logging"));
            phase = Phase.RequestBody;
        }

        var id = link.Action("id");
        if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
        {
            errors.Add(new RuleError(location, id is null ? "the rule has no id; every rule needs id:NUMBER" : $"id:{id} is no id; write a whole number above 0"));
        }
        else if (!ids.TryAdd(number, location))
        {
            errors.Add(new RuleError(location, $"the id {number} is already used by the rule at {ids[number]}; give this one another"));
        }

        var rule = new RuleDraft { Id = number, Phase = phase.Value, Defaults = defaults.GetValueOrDefault(phase.Value) ?? Ordinary };
        rule.Links.Add(link);
        All.Add(rule);
        if (link.IsChained) open = rule;
    }

    public void AddMarker(SourceLocation location, string name)
    {
        EndChain(location);
        All.Add(new RuleDraft { Marker = name });
    }

    public void SetDefault(SourceLocation location, List<ActionSyntax> actions)
    {
        if (RuleDraft.ReadPhase(actions.Find(action => action.Is("phase"))?.Value) is not { } phase)
        {
            errors.Add(new RuleError(location, "SecDefaultAction needs a phase: write SecDefaultAction \"phase:2,log,auditlog,pass\""));
            return;
        }

        if (!actions.Exists(action => Disruptions.Names.Contains(action.Name)))
        {
            errors.Add(new RuleError(location, "SecDefaultAction needs what to do: pass, deny, drop, redirect or allow"));
            return;
        }

        if (actions.Exists(action => action.Is("block")))
        {
            errors.Add(new RuleError(location, "block in SecDefaultAction would mean itself; write deny or pass"));
            return;
        }

        if (actions.Find(action => !Defaultable.Contains(action.Name) && !Disruptions.Names.Contains(action.Name)) is { } other)
        {
            errors.Add(new RuleError(location, $"SecDefaultAction can't have {other.Name}; it takes {string.Join(", ", Defaultable)} and what to do"));
        }

        defaults[phase] = actions;
    }

    /// <summary>Removes rules; gives how many.</summary>
    public int Remove(Predicate<RuleDraft> selects)
    {
        foreach (var rule in All.Where(rule => rule.Marker is null && selects(rule))) ids.Remove(rule.Id);
        return All.RemoveAll(rule => rule.Marker is null && selects(rule));
    }

    /// <summary>Adds targets and exclusions to rules; with a replaced target, puts the new ones in its place. Gives how many rules.</summary>
    public int UpdateTargets(Predicate<RuleDraft> selects, List<TargetSyntax> targets, List<TargetSyntax>? replaced)
    {
        var count = 0;
        foreach (var rule in All.Where(rule => rule.Marker is null && selects(rule)))
        {
            var link = rule.Links[0];
            link.Targets = [.. link.Targets.Where(target => replaced is null || !replaced.Exists(old => Same(old, target))), .. targets];
            count++;
        }

        return count;
    }

    public void UpdateActions(SourceLocation location, long id, int linkIndex, List<ActionSyntax> actions)
    {
        var rule = All.Find(rule => rule.Marker is null && rule.Id == id);
        if (rule is null || linkIndex >= rule.Links.Count)
        {
            errors.Add(new RuleError(location, $"SecRuleUpdateActionById: there is no rule {id}{(linkIndex > 0 ? $" with a link {linkIndex} in its chain" : "")} before this line"));
            return;
        }

        if (actions.Find(action => action.Is("id") || action.Is("phase") || action.Is("chain")) is { } fixedAction)
        {
            errors.Add(new RuleError(location, $"SecRuleUpdateActionById can't change {fixedAction.Name}"));
            return;
        }

        if (linkIndex > 0 && actions.Find(BelongsToFirst) is { } misplaced)
        {
            errors.Add(new RuleError(location, $"{misplaced.Name} belongs to the first rule of the chain ({id}), not to a link"));
            return;
        }

        var link = rule.Links[linkIndex];
        var isDisruptive = actions.Exists(action => Disruptions.Names.Contains(action.Name));
        // Transformations are replaced as a whole, other actions that may stand once one by one; what may stand often is added.
        link.Actions =
        [
            .. link.Actions.Where(old => Repeatable(old) ? !(old.Is("t") && actions.Exists(action => action.Is("t"))) : !actions.Exists(action => action.Is(old.Name)) && !(isDisruptive && Disruptions.Names.Contains(old.Name))),
            .. actions,
        ];
    }

    /// <summary>A file or all files end: an open chain has lost its next link.</summary>
    public void EndChain(SourceLocation location)
    {
        if (open is null) return;
        errors.Add(new RuleError(open.Links[^1].Location, $"the rule {open.Id} says chain, but no SecRule follows it before {location}"));
        open = null;
    }

    private void AddLink(LinkDraft link)
    {
        open!.Links.Add(link);
        foreach (var action in link.Actions.Where(BelongsToFirst))
        {
            errors.Add(new RuleError(link.Location, $"{action.Name} belongs to the first rule of the chain ({open.Id}), not to a link"));
        }

        if (!link.IsChained) open = null;
    }

    private static readonly HashSet<string> OnlyFirst = new(StringComparer.OrdinalIgnoreCase)
    {
        "id", "phase", "msg", "logdata", "skip", "skipAfter", "severity", "rev", "ver", "status", "maturity", "accuracy",
    };

    private static readonly HashSet<string> Defaultable = new(StringComparer.OrdinalIgnoreCase)
    {
        "phase", "log", "nolog", "auditlog", "noauditlog", "status", "t", "severity", "logdata", "tag",
    };

    private static bool BelongsToFirst(ActionSyntax action) => Disruptions.Names.Contains(action.Name) || OnlyFirst.Contains(action.Name);

    private static bool Repeatable(ActionSyntax action) => action.Is("t") || action.Is("setvar") || action.Is("ctl") || action.Is("tag") || action.Is("expirevar") || action.Is("initcol") || action.Is("setenv");

    private static bool Same(TargetSyntax left, TargetSyntax right)
        => string.Equals(left.Variable, right.Variable, StringComparison.OrdinalIgnoreCase) && string.Equals(left.Selector, right.Selector, StringComparison.OrdinalIgnoreCase)
            && left.IsCount == right.IsCount && left.IsExclusion == right.IsExclusion;
}
