using Portcullis.Waf.SecLang;

namespace Portcullis.Waf.Rules;

/// <summary>A compiled <c>SecRule</c> or <c>SecAction</c> with its whole chain. Immutable once the rule set stands.</summary>
internal sealed class Rule
{
    /// <summary>The number of the rule in its set, from 0: the index of all bit sets over rules.</summary>
    public required int Index { get; init; }

    public required long Id { get; init; }

    public required Phase Phase { get; init; }

    public required SourceLocation Location { get; init; }

    public required Link[] Links { get; init; }

    public required Disruption Disruption { get; set; }

    /// <summary>The status of a refusal.</summary>
    public required int Status { get; set; }

    /// <summary>Where a redirect leads.</summary>
    public Macro? RedirectTo { get; set; }

    public Macro? Message { get; set; }

    /// <summary>The text of <see cref="Message"/> as the rule has it.</summary>
    public string? MessageAsWritten { get; set; }

    public Macro? LogData { get; set; }

    public Severity Severity { get; set; } = Severity.None;

    /// <summary>As written; by these, rules are selected.</summary>
    public string[] Tags { get; set; } = [];

    /// <summary>The same with their macros, for reports; null where no tag has one.</summary>
    public Macro[]? TagMacros { get; set; }

    public string? Version { get; set; }

    public string? Revision { get; set; }

    /// <summary>Whether a match is reported.</summary>
    public bool IsLogged { get; set; } = true;

    /// <summary>Names of arguments, headers or the match itself whose values are masked in reports.</summary>
    public Sanitising? Sanitising { get; set; }

    /// <summary>How many rules are passed over after a match.</summary>
    public int Skip { get; set; }

    /// <summary>The marker after which evaluation goes on after a match.</summary>
    public string? SkipAfter { get; set; }

    /// <summary>Where <see cref="SkipAfter"/> leads: an index into the rules of the phase, its length for the end; -1 for none.</summary>
    public int SkipTo { get; set; } = -1;

    public override string ToString() => $"{Id} ({Location})";
}
