using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary><c>@validateUrlEncoding</c>: the value contains a percent sign that two hexadecimal digits do not follow.</summary>
internal sealed class UrlEncodingOperator : Operator
{
    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        var text = evaluation.Values[value];
        while (text.IndexOf((byte)'%') is >= 0 and var at)
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit((char)text[at + 1]) || !char.IsAsciiHexDigit((char)text[at + 2])) return 0;
            text = text[(at + 3)..];
        }

        return NoMatch;
    }
}
