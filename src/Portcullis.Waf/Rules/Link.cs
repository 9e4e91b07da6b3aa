using Portcullis.Waf.Actions;
using Portcullis.Waf.Operators;

namespace Portcullis.Waf.Rules;

/// <summary>One link of a rule's chain: what is looked at, how it is transformed, what it is compared with, and what happens at each match. A rule without a chain has one.</summary>
internal sealed class Link
{
    public required Target[] Targets { get; set; }

    /// <summary>Members that are left out of <see cref="Targets"/>.</summary>
    public required Target[] Exclusions { get; set; }

    /// <summary>The transformations, as a number of <see cref="TransformationChains"/>.</summary>
    public required int Chain { get; init; }

    /// <summary>The chains from no transformation to <see cref="Chain"/>, one step more each; for <see cref="IsMultiMatch"/>.</summary>
    public int[] Steps { get; init; } = [];

    /// <summary>Compare after each transformation that changes something, not only after the last.</summary>
    public required bool IsMultiMatch { get; init; }

    public required Operator Operator { get; init; }

    public required bool IsNegated { get; init; }

    /// <summary>Whether a match fills TX:0 to TX:9.</summary>
    public required bool Captures { get; init; }

    /// <summary>What is done at each match, in order.</summary>
    public required RuleAction[] Actions { get; init; }

    /// <summary>
    /// The number of the <see cref="TargetGroup"/> by which the whole link is passed over when none of its values can match; -1 where that can't be told.
    /// </summary>
    public int Group { get; set; } = -1;

    /// <summary>For each of <see cref="Targets"/>, its column in <see cref="RulePlan.Columns"/>; empty where there is no group.</summary>
    public int[] Columns { get; set; } = [];
}
