using System.Globalization;
using Portcullis.Waf.Actions;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Operators;
using Portcullis.Waf.SecLang;
using Portcullis.Waf.Transformations;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Rules;

/// <summary>Compiles the drafts of a rule set, once they are all known, into a plan.</summary>
internal sealed class RuleCompiler
{
    private static readonly HashSet<string> Metadata = new(StringComparer.OrdinalIgnoreCase)
    {
        "id", "phase", "chain", "msg", "logdata", "severity", "tag", "rev", "ver", "maturity", "accuracy", "status", "skip", "skipAfter", "capture", "multiMatch", "t",
        "log", "nolog", "auditlog", "noauditlog", "xmlns", "pass", "block", "deny", "drop", "redirect", "allow",
        "sanitiseArg", "sanitizeArg", "sanitiseMatched", "sanitizeMatched", "sanitiseMatchedBytes", "sanitizeMatchedBytes", "sanitiseRequestHeader", "sanitizeRequestHeader",
        "sanitiseResponseHeader", "sanitizeResponseHeader",
    };

    private static readonly HashSet<string> Effects = new(StringComparer.OrdinalIgnoreCase) { "setvar", "setenv", "initcol", "setsid", "setuid", "setrsc", "expirevar", "ctl" };

    private readonly RuleLoader loader;
    private readonly NameTable names = new();
    private readonly TransformationChains chains = new();
    private readonly PatternCatalogue patterns = new();
    private readonly List<RuleSelection> selections = [];
    private readonly TargetCompiler targets;
    private readonly ActionCompiler actions;
    private readonly OperatorCompiler operators;
    private readonly TransformationTable transformations;

    private RuleCompiler(RuleLoader loader)
    {
        this.loader = loader;
        CaptureGroups.InternIn(names);
        targets = new TargetCompiler(names);
        actions = new ActionCompiler(names, targets, selections);
        operators = new OperatorCompiler(names, patterns, loader.Datasets, loader.Notes);
        transformations = new TransformationTable(loader.UnicodeMap);
    }

    /// <summary>The plan; meaningless if the loader has errors afterwards.</summary>
    public static RulePlan Compile(RuleLoader loader) => new RuleCompiler(loader).Compile();

    private RulePlan Compile()
    {
        var rules = new List<Rule>();
        // Rules of a phase, and after how many of them each marker stands.
        var phases = Enumerable.Range(0, 6).Select(_ => new List<Rule>()).ToArray();
        var markers = new List<(string Name, int[] After)>();
        foreach (var draft in loader.Drafts)
        {
            if (loader.Errors.Count >= RuleFiles.MaximumErrors) break;
            if (draft.Marker is { } marker)
            {
                markers.Add((marker, [.. phases.Select(phase => phase.Count)]));
                continue;
            }

            if (Compile(draft, rules.Count) is not { } rule) continue;
            rules.Add(rule);
            phases[(int)rule.Phase].Add(rule);
        }

        foreach (var phase in phases) ResolveJumps(phase, markers);
        foreach (var selection in selections) selection.Resolve(rules);
        var grouping = TargetGrouping.Of(rules);
        names.Seal();
        var assignments = new List<VariableStore.Entry>();
        return new RulePlan
        {
            Rules = [.. rules],
            Phases = [.. phases.Select(phase => phase.ToArray())],
            Guards = [.. phases.Select(phase => Enumerable.Range(0, phase.Count).Select(at => RuleGuard.Of(phase, at, assignments)).ToArray())],
            Assignments = [.. assignments],
            Names = names,
            Chains = chains,
            Prefilter = patterns.Build(),
            Columns = grouping.Columns,
            Groups = grouping.Groups,
            GroupColumns = grouping.GroupColumns,
            Settings = loader.Settings,
            ReadsFileContent = Reads(rules, Variable.FilesTmpContent),
            ReadsFullRequest = Reads(rules, Variable.FullRequest) || Reads(rules, Variable.FullRequestLength),
            ReadsBodyError = Reads(rules, Variable.ReqbodyError),
        };
    }

    private static bool Reads(List<Rule> rules, Variable variable) => rules.Exists(rule => Array.Exists(rule.Links, link => Array.Exists(link.Targets, target => target.Variable == variable)));

    private void ResolveJumps(List<Rule> phase, List<(string Name, int[] After)> markers)
    {
        for (var index = 0; index < phase.Count; index++)
        {
            var rule = phase[index];
            if (rule.SkipAfter is not { } name) continue;

            // Only what comes later counts. Without such a marker ModSecurity skips to the end of the phase; here it is taken for the mistake that it is.
            var found = markers.FindIndex(marker => marker.Name.Equals(name, StringComparison.Ordinal) && marker.After[(int)rule.Phase] > index);
            if (found >= 0)
            {
                rule.SkipTo = markers[found].After[(int)rule.Phase];
                continue;
            }

            var target = phase.FindIndex(index + 1, other => other.Id.ToString(CultureInfo.InvariantCulture) == name);
            rule.SkipTo = target >= 0 ? target + 1 : phase.Count;
            if (target < 0) Error(rule.Location, $"skipAfter:{name}: no SecMarker {name} and no rule of phase {(int)rule.Phase} with that id follows");
        }
    }

    private Rule? Compile(RuleDraft draft, int index)
    {
        var links = draft.Links.Select(link => Compile(draft, link)).ToList();
        if (links.Contains(null)) return null;

        var first = draft.Links[0];
        var rule = new Rule
        {
            Index = index,
            Id = draft.Id,
            Phase = draft.Phase,
            Location = draft.Location,
            Links = [.. links.Select(link => link!)],
            Disruption = Disruption.Pass,
            Status = 403,
        };
        foreach (var action in draft.Defaults.Concat(first.Actions)) Apply(rule, draft, action);
        // The rest of a chain may say capture, set variables and name tags; only the first link says what happens.
        var tags = draft.Tags.Distinct(StringComparer.Ordinal).ToList();
        rule.Tags = [.. tags.Select(tag => Slice.Of(tag).ToString())];
        if (tags.Exists(tag => tag.Contains("%{", StringComparison.Ordinal))) rule.TagMacros = [.. tags.Select(tag => Text(draft.Location, tag)).OfType<Macro>()];
        if (rule.Message is { } message) rule.MessageAsWritten = Reporting.Text(message.Source, RuleHit.MaximumTextLength);
        var masks = draft.Links.SelectMany(link => link.Actions).Where(action => action.Name.StartsWith("saniti", StringComparison.OrdinalIgnoreCase)).ToList();
        if (masks.Count > 0)
        {
            rule.Sanitising = new Sanitising(
                masks.Exists(action => action.Name.Contains("Matched", StringComparison.OrdinalIgnoreCase)),
                [.. masks.Where(action => action.Value is not null).Select(action => action.Value!)]);
        }

        return rule;
    }

    private void Apply(Rule rule, RuleDraft draft, ActionSyntax action)
    {
        var value = action.Value ?? "";
        switch (action.Name.ToUpperInvariant())
        {
            case "PASS": rule.Disruption = Disruption.Pass; break;
            case "DENY": rule.Disruption = Disruption.Deny; break;
            case "DROP": rule.Disruption = Disruption.Drop; break;
            case "REDIRECT":
                rule.Disruption = Disruption.Redirect;
                rule.RedirectTo = Text(draft.Location, value);
                if (rule.Status is < 300 or > 399) rule.Status = 302;
                break;
            case "ALLOW":
                rule.Disruption = value.ToUpperInvariant() switch { "" => Disruption.Allow, "PHASE" => Disruption.AllowPhase, "REQUEST" => Disruption.AllowRequest, _ => Disruption.Pass };
                if (rule.Disruption == Disruption.Pass) Error(draft.Location, $"allow:{value}: write allow, allow:phase or allow:request");
                break;
            // What the phase's SecDefaultAction says, which can't be block itself.
            case "BLOCK": foreach (var ordinary in draft.Defaults) if (Disruptions.Names.Contains(ordinary.Name)) Apply(rule, draft, ordinary); break;
            case "STATUS":
                if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 300 and <= 599) rule.Status = status;
                else Error(draft.Location, $"status:{value}: write a status from 300 to 599");
                break;
            case "LOG": rule.IsLogged = true; break;
            case "NOLOG": rule.IsLogged = false; break;
            case "MSG": rule.Message = Text(draft.Location, value); break;
            case "LOGDATA": rule.LogData = Text(draft.Location, value); break;
            case "SEVERITY":
                rule.Severity = ReadSeverity(value);
                if (rule.Severity == Severity.None) Error(draft.Location, $"severity:{value}: write a number from 0 to 7, or EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO or DEBUG");
                break;
            case "VER": rule.Version = Slice.Of(value).ToString(); break;
            case "REV": rule.Revision = Slice.Of(value).ToString(); break;
            case "SKIPAFTER": rule.SkipAfter = value; break;
            case "SKIP":
                if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0) rule.Skip = count;
                else Error(draft.Location, $"skip:{value}: write how many rules, a number above 0");
                break;
        }
    }

    private Link? Compile(RuleDraft draft, LinkDraft link)
    {
        var before = loader.Errors.Count;
        var (chosen, excluded) = (new List<Target>(), new List<Target>());
        var namespaces = Namespaces(link);
        foreach (var syntax in link.Targets)
        {
            if (targets.Compile(syntax, namespaces, out var wrong) is { } target) (syntax.IsExclusion ? excluded : chosen).Add(target);
            else Error(link.Location, wrong!);
        }

        if (link.Operator is null) chosen.Add(new Target { Variable = Variable.RemoteAddr });
        else if (chosen.Count == 0 && link.Targets.Count > 0 && loader.Errors.Count == before) Error(link.Location, "the rule only leaves variables out; name at least one to look at");

        Operator comparison = ConstantOperator.Always;
        if (link.Operator is { } written)
        {
            if (operators.Compile(written, link.Location, out var wrong) is { } compiled) comparison = compiled;
            else Error(link.Location, wrong!);
        }

        var chain = Chain(draft, link);
        var effects = Effect(link);
        if (loader.Errors.Count > before) return null;
        return new Link
        {
            Targets = [.. chosen],
            Exclusions = [.. excluded],
            Chain = chain,
            Steps = chains.Path(chain),
            IsMultiMatch = link.Actions.Exists(action => action.Is("multiMatch")),
            Operator = comparison,
            IsNegated = link.Operator?.IsNegated ?? false,
            Captures = link.Actions.Exists(action => action.Is("capture")),
            Actions = effects,
        };
    }

    private Dictionary<string, string> Namespaces(LinkDraft link)
    {
        var namespaces = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var action in link.Actions.Where(action => action.Is("xmlns")))
        {
            var parts = (action.Value ?? "").Split('=', 2);
            if (parts is [{ Length: > 0 } prefix, var uri] && uri.Trim('"', '\'') is { Length: > 0 } bare) namespaces[prefix] = bare;
            else Error(link.Location, $"xmlns:{action.Value}: write xmlns:PREFIX=URI");
        }

        return namespaces;
    }

    private RuleAction[] Effect(LinkDraft link)
    {
        var effects = new List<RuleAction>();
        foreach (var action in link.Actions)
        {
            if (Metadata.Contains(action.Name)) continue;
            if (!Effects.Contains(action.Name))
            {
                Error(link.Location, WhyRefused(action.Name) is { } why
                    ? $"the action {action.Name} is not supported: {why}"
                    : $"there is no action {action.Name}{Nearest.Hint(action.Name, [.. Metadata, .. Effects])}");
                continue;
            }

            if (actions.Compile(action, out var wrong) is { } effect) effects.Add(effect);
            else if (wrong is not null) Error(link.Location, wrong);
        }

        return [.. effects];
    }

    private int Chain(RuleDraft draft, LinkDraft link)
    {
        var chain = 0;
        var length = 0;
        foreach (var action in draft.Defaults.Concat(link.Actions).Where(action => action.Is("t")))
        {
            var name = action.Value ?? "";
            if (name.Equals("none", StringComparison.OrdinalIgnoreCase))
            {
                chain = length = 0;
            }
            else if (transformations.Find(name) is { } step)
            {
                chain = chains.Add(chain, step);
                if (chains.Count == TransformationChains.MaximumCount) Error(link.Location, $"more than {TransformationChains.MaximumCount} different orders of transformations");
                if (++length == TransformationChains.MaximumLength + 1) Error(link.Location, $"more than {TransformationChains.MaximumLength} transformations");
            }
            else
            {
                Error(link.Location, $"there is no transformation t:{name}{Nearest.Hint(name, transformations.All.Select(one => one.Name))}");
            }
        }

        return chain;
    }

    private Macro? Text(SourceLocation location, string text)
    {
        var macro = Macro.Parse(text, names, out var wrong);
        if (macro is null) Error(location, wrong!);
        return macro;
    }

    private static Severity ReadSeverity(string text)
    {
        if (text.Equals("INFO", StringComparison.OrdinalIgnoreCase)) return Severity.Information;
        return Enum.TryParse<Severity>(text, ignoreCase: true, out var severity) && Enum.IsDefined(severity) ? severity : Severity.None;
    }

    private static string? WhyRefused(string action) => action.ToUpperInvariant() switch
    {
        "EXEC" => "no programs or scripts are run",
        "PROXY" => "the route decides where a request goes",
        "PAUSE" => "a waiting request would hold a place; use the limits",
        "APPEND" or "PREPEND" => "responses are not rewritten",
        "DEPRECATEVAR" => "use expirevar",
        _ => null,
    };

    private void Error(SourceLocation location, string message) => loader.Errors.Add(new RuleError(location, message));
}
