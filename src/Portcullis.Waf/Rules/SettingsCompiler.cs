using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.SecLang;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Rules;

/// <summary>Turns what a place of use wants into what a transaction begins with.</summary>
internal static class SettingsCompiler
{
    // CRS 4, CRS 3, and the built-in rules, which use CRS 4's names.
    private static readonly string[] ParanoiaNames = ["blocking_paranoia_level", "detection_paranoia_level", "paranoia_level", "executing_paranoia_level"];

    private const long MaximumBodyLimit = 1L << 30;

    public static TransactionSettings? Compile(RulePlan plan, InspectionOptions options, List<string> errors)
    {
        if (options.ParanoiaLevel is < 1 or > 4) errors.Add($"the paranoia level is {options.ParanoiaLevel}; it goes from 1 to 4");
        if (options.InboundThreshold is < 1) errors.Add($"the inbound threshold is {options.InboundThreshold}; it is at least 1");
        if (options.OutboundThreshold is < 1) errors.Add($"the outbound threshold is {options.OutboundThreshold}; it is at least 1");

        if (options.RequestBodyLimit is < 1 or > MaximumBodyLimit) errors.Add($"the limit of request bodies is {options.RequestBodyLimit}; it goes from 1 to {MaximumBodyLimit} bytes");

        var pinned = new List<(int, Slice, long)>();
        foreach (var name in ParanoiaNames) Pin(plan, name, options.ParanoiaLevel, pinned);
        Pin(plan, "inbound_anomaly_score_threshold", options.InboundThreshold, pinned);
        Pin(plan, "outbound_anomaly_score_threshold", options.OutboundThreshold, pinned);

        var removed = new HashSet<int>();
        var targets = new List<(RuleSelection, Target)>();
        foreach (var exclusion in options.Exclusions) Exclude(plan, exclusion, removed, targets, errors);

        var removal = removed.Count == 0 ? null : new RuleSelection(rule => removed.Contains(rule.Index));
        removal?.Resolve(plan.Rules);
        return errors.Count > 0 ? null : new TransactionSettings
        {
            Owner = plan,
            Mode = options.Mode,
            Pinned = [.. pinned],
            Removed = removal,
            RemovedTargets = [.. targets],
            InspectsResponseBody = options.InspectsResponseBody,
            RequestBodyLimit = options.RequestBodyLimit,
            RefusesLongRequestBody = options.RefusesLongRequestBody,
            ResponseBodyLimit = options.ResponseBodyLimit,
        };
    }

    private static void Pin(RulePlan plan, string name, int? value, List<(int, Slice, long)> pinned)
    {
        if (value is not { } number) return;
        var bytes = Slice.Of(name);
        // A name that no rule mentions can't matter.
        if (plan.Names.Find(bytes.Span) is var id && id != NameTable.Unknown) pinned.Add((id, bytes, number));
    }

    private static void Exclude(RulePlan plan, RuleExclusion exclusion, HashSet<int> removed, List<(RuleSelection, Target)> targets, List<string> errors)
    {
        var selection = IdRange.Parse(exclusion.Rules) is { } ranges
            ? RuleSelection.ById(ranges)
            : new RuleSelection(rule => rule.Tags.Contains(exclusion.Rules, StringComparer.Ordinal));
        selection.Resolve(plan.Rules);
        if (selection.Count == 0)
        {
            var tags = plan.Rules.SelectMany(rule => rule.Tags).Distinct(StringComparer.Ordinal);
            errors.Add($"no rule has the id or tag '{exclusion.Rules}'{(char.IsAsciiDigit(exclusion.Rules.FirstOrDefault()) ? "" : Nearest.Hint(exclusion.Rules, tags))}");
            return;
        }

        if (exclusion.Target is null)
        {
            foreach (var rule in plan.Rules.Where(rule => selection[rule])) removed.Add(rule.Index);
            return;
        }

        if (TargetParser.Parse(exclusion.Target, out var error) is not [{ IsCount: false, IsExclusion: false } syntax])
        {
            errors.Add(error ?? $"'{exclusion.Target}' is not one target; write for example ARGS:comment");
            return;
        }

        foreach (var variable in Aliases(syntax.Variable))
        {
            if (new TargetCompiler(plan.Names).Compile(syntax with { Variable = variable }, new Dictionary<string, string>(StringComparer.Ordinal), out error) is { } target)
            {
                targets.Add((selection, target));
            }
            else
            {
                errors.Add(error!);
                return;
            }
        }
    }

    // An argument is the same argument under each of its names.
    private static string[] Aliases(string variable) => variable.ToUpperInvariant() switch
    {
        "ARGS" => ["ARGS", "ARGS_GET", "ARGS_POST"],
        "ARGS_NAMES" => ["ARGS_NAMES", "ARGS_GET_NAMES", "ARGS_POST_NAMES"],
        _ => [variable],
    };
}
