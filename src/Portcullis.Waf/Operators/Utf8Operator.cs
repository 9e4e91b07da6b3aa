using System.Text.Unicode;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary><c>@validateUtf8Encoding</c>: the value is not well-formed UTF-8 (RFC 3629): broken, overlong or surrogate sequences.</summary>
internal sealed class Utf8Operator : Operator
{
    public override int Match(Evaluation evaluation, int value, Span<Capture> captures) => Utf8.IsValid(evaluation.Values[value]) ? NoMatch : 0;
}
