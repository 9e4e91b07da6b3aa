using Portcullis.Waf.Rules;
using Portcullis.Waf.SecLang;

namespace Portcullis.Waf.Engine;

/// <summary>One match of one rule.</summary>
/// <param name="RuleId">The rule's id.</param>
/// <param name="Phase">When it matched.</param>
/// <param name="Severity">How grave its author holds it.</param>
/// <param name="Message">Its message with the values of the moment; null if it has none.</param>
/// <param name="Data">Its log data likewise. Contains what the client sent: escape before showing, mask where policy says so.</param>
/// <param name="Variable">What matched, as <c>ARGS:id</c>: names are the client's too.</param>
/// <param name="Value">The value that matched, after transformations, cut to <see cref="MaximumValueLength"/>; <c>*</c> where the rule has it masked.</param>
/// <param name="Tags">The rule's tags. One with macros has the values of the moment, as the message.</param>
/// <param name="Location">Where the rule stands.</param>
public sealed record RuleHit(
    long RuleId, Phase Phase, Severity Severity, string? Message, string? Data, string Variable, string Value, IReadOnlyList<string> Tags, SourceLocation Location)
{
    /// <summary>In characters; what is longer ends with an ellipsis.</summary>
    public const int MaximumValueLength = 200;

    /// <summary>
    /// The message as the rule has it, macros as written: for whoever may not see what the client sent. <see cref="Message"/> may quote any of it.
    /// </summary>
    public string? MessageAsWritten { get; init; }

    /// <summary>In characters, of <see cref="Message"/> and <see cref="Data"/> each.</summary>
    public const int MaximumTextLength = 600;
}
