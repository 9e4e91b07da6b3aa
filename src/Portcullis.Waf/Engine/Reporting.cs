using System.Globalization;
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
        var isMasked = rule.Sanitising is { Matched: true } || IsMasked(evaluation.Masks, last.Name.Span);
        return new RuleHit(
            rule.Id,
            evaluation.Phase,
            rule.Severity,
            rule.Message is not { IsConstant: false } message || isMasked ? rule.MessageAsWritten : Text(message.Expand(evaluation), RuleHit.MaximumTextLength),
            rule.LogData is not { } data ? null : isMasked ? "*" : Text(data.Expand(evaluation), RuleHit.MaximumTextLength),
            variable,
            isMasked ? "*" : Text(last.Value, RuleHit.MaximumValueLength),
            rule.TagMacros is { } tags && !isMasked ? [.. tags.Select(tag => Text(tag.Expand(evaluation), RuleHit.MaximumTextLength))] : rule.Tags,
            rule.Location)
        {
            MessageAsWritten = rule.MessageAsWritten,
        };
    }

    public static Interruption Interruption(Evaluation evaluation, Rule rule)
    {
        var kind = rule.Disruption switch
        {
            Disruption.Drop => InterruptionKind.Drop,
            Disruption.Redirect => InterruptionKind.Redirect,
            _ => InterruptionKind.Deny,
        };
        return new Interruption(kind, rule.Status, rule.Id, evaluation.Phase, rule.RedirectTo is { } to ? Location(to.Expand(evaluation)) : null);
    }

    private static bool IsMasked(List<Sanitising> masks, ReadOnlySpan<byte> name)
    {
        foreach (var mask in masks)
        {
            foreach (var masked in mask.Names)
            {
                if (AsciiCase.EqualsIgnoreCase(Encoding.UTF8.GetBytes(masked), name)) return true;
            }
        }

        return false;
    }

    // Macros bring the client's bytes: none may end the field line or break a URI (RFC 3986 section 2).
    private static string Location(Slice target)
    {
        var text = new StringBuilder();
        foreach (var one in target.Span[..Math.Min(target.Length, 2048)])
        {
            if (one is > 0x20 and < 0x7F and not ((byte)'"' or (byte)'<' or (byte)'>' or (byte)'\\')) text.Append((char)one);
            else text.Append('%').Append(one.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>Bytes as text of a report, cut to a number of characters.</summary>
    public static string Text(Slice bytes, int maximum)
    {
        // A character takes at most four bytes: cut before decoding, so that a large value costs no more than a small one.
        var text = Encoding.UTF8.GetString(bytes.Span[..Math.Min(bytes.Length, maximum * 4)]);
        return text.Length <= maximum && bytes.Length <= maximum * 4 ? text : text[..Math.Min(text.Length, maximum)] + "…";
    }
}
