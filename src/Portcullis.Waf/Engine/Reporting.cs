using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Engine;

/// <summary>Makes texts of a match: only here, and only for matches that are reported, strings are made.</summary>
internal static class Reporting
{
    public static RuleHit Hit(Evaluation evaluation, Rule rule)
    {
        var last = evaluation.Matched.Last;
        var variable = Text(last.FullName(evaluation.Arena), RuleHit.MaximumValueLength);
        var isMasked = rule.Sanitising is { } sanitising
            && (sanitising.Matched || sanitising.Names.Any(name => AsciiCase.EqualsIgnoreCase(Encoding.UTF8.GetBytes(name), evaluation.Matched.Last.Name.Span)));
        return new RuleHit(
            rule.Id,
            evaluation.Phase,
            rule.Severity,
            rule.Message is { } message ? Text(message.Expand(evaluation), RuleHit.MaximumTextLength) : null,
            rule.LogData is not { } data ? null : isMasked ? "*" : Text(data.Expand(evaluation), RuleHit.MaximumTextLength),
            variable,
            isMasked ? "*" : Text(last.Value, RuleHit.MaximumValueLength),
            rule.Tags,
            rule.Location);
    }

    public static Interruption Interruption(Evaluation evaluation, Rule rule)
    {
        var kind = rule.Disruption switch
        {
            Disruption.Drop => InterruptionKind.Drop,
            Disruption.Redirect => InterruptionKind.Redirect,
            _ => InterruptionKind.Deny,
        };
        return new Interruption(kind, rule.Status, rule.Id, evaluation.Phase, rule.RedirectTo is { } to ? Text(to.Expand(evaluation), 2048) : null);
    }

    private static string Text(Slice bytes, int maximum)
    {
        // A character takes at most four bytes: cut before decoding, so that a large value costs no more than a small one.
        var text = Encoding.UTF8.GetString(bytes.Span[..Math.Min(bytes.Length, maximum * 4)]);
        return text.Length <= maximum && bytes.Length <= maximum * 4 ? text : text[..Math.Min(text.Length, maximum)] + "…";
    }
}
