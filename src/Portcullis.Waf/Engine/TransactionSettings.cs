using Portcullis.Waf.Bytes;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Engine;

/// <summary>
/// What one place of use (a route) wants of the rules: made once with <see cref="RuleSet.Prepare"/>, shared by all its transactions. Immutable.
/// </summary>
public sealed class TransactionSettings
{
    internal static readonly TransactionSettings Default = new();

    /// <summary>The rules that these settings were made for: they refer to its rules and names by number.</summary>
    internal RulePlan? Owner { get; init; }

    /// <summary>Whether matches refuse.</summary>
    public EngineMode Mode { get; internal init; }

    /// <summary>Rules that do not run.</summary>
    internal RuleSelection? Removed { get; init; }

    /// <summary>Values that rules do not look at.</summary>
    internal (RuleSelection Rules, Target Target)[] RemovedTargets { get; init; } = [];

    /// <summary>TX variables that are set from the start and that no rule changes: paranoia level, thresholds.</summary>
    internal (int NameId, Slice Name, long Value)[] Pinned { get; init; } = [];

    /// <summary>Whether rules are to read response bodies; null leaves it to the rules' directives.</summary>
    public bool? InspectsResponseBody { get; internal init; }

    /// <summary>In bytes, whatever the kind of body; null leaves it to the rules' directives.</summary>
    public long? RequestBodyLimit { get; internal init; }

    /// <summary>Whether a longer body is refused; null leaves it to the rules' directives.</summary>
    public bool? RefusesLongRequestBody { get; internal init; }

    /// <summary>In bytes; null leaves it to the rules' directives.</summary>
    public long? ResponseBodyLimit { get; internal init; }

    internal bool IsPinned(int nameId)
    {
        foreach (var (pinned, _, _) in Pinned)
        {
            if (pinned == nameId) return true;
        }

        return false;
    }
}
