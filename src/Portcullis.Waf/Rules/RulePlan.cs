using Portcullis.Waf.Bytes;
using Portcullis.Waf.Literals;

namespace Portcullis.Waf.Rules;

/// <summary>All rules of a set in the form in which they run. Immutable and shared by all transactions.</summary>
internal sealed class RulePlan
{
    /// <summary>All rules; the index is <see cref="Rule.Index"/>.</summary>
    public required Rule[] Rules { get; init; }

    /// <summary>The rules of each phase, in order; index 0 is empty.</summary>
    public required Rule[][] Phases { get; init; }

    public required NameTable Names { get; init; }

    public required TransformationChains Chains { get; init; }

    /// <summary>One scan of a value says which patterns can match it.</summary>
    public required Prefilter Prefilter { get; init; }

    /// <summary>The distinct targets of all groups.</summary>
    public required Target[] Columns { get; init; }

    public required TargetGroup[] Groups { get; init; }

    public required RuleSettings Settings { get; init; }

    /// <summary>Whether a rule looks at the content of uploaded files, so that it is kept.</summary>
    public bool ReadsFileContent => readsFileContent ??= Array.Exists(Rules, rule => Array.Exists(rule.Links, link => Array.Exists(link.Targets, target => target.Variable == Variables.Variable.FilesTmpContent)));

    private bool? readsFileContent;
}
