using Portcullis.Waf.Bytes;
using Portcullis.Waf.Literals;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Rules;

/// <summary>All rules of a set in the form in which they run. Immutable and shared by all transactions.</summary>
internal sealed class RulePlan
{
    /// <summary>All rules; the index is <see cref="Rule.Index"/>.</summary>
    public required Rule[] Rules { get; init; }

    /// <summary>The rules of each phase, in order; index 0 is empty.</summary>
    public required Rule[][] Phases { get; init; }

    /// <summary>For each of <see cref="Phases"/> what passes its rules over, side by side: most rules are never looked at.</summary>
    public required RuleGuard[][] Guards { get; init; }

    /// <summary>What rules set that do nothing else, in their order.</summary>
    public required VariableStore.Entry[] Assignments { get; init; }

    public required NameTable Names { get; init; }

    public required TransformationChains Chains { get; init; }

    /// <summary>One scan of a value says which patterns can match it.</summary>
    public required Prefilter Prefilter { get; init; }

    /// <summary>The distinct columns of all groups.</summary>
    public required TargetColumn[] Columns { get; init; }

    public required TargetGroup[] Groups { get; init; }

    /// <summary>The columns of all groups, group by group: indices in <see cref="Columns"/>.</summary>
    public required int[] GroupColumns { get; init; }

    public required RuleSettings Settings { get; init; }

    /// <summary>Whether a rule looks at the content of uploaded files, so that it is kept.</summary>
    public required bool ReadsFileContent { get; init; }

    /// <summary>Whether a rule looks at the whole request as one text, so that it is put together.</summary>
    public required bool ReadsFullRequest { get; init; }

    /// <summary>Whether a rule asks if the body could be read (REQBODY_ERROR). Where none does, a body that can't be read is a fault.</summary>
    public required bool ReadsBodyError { get; init; }
}
