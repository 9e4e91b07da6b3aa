using Portcullis.Waf.Engine;
using Portcullis.Waf.Injection;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary><c>@detectSQLi</c>: the value would change the meaning of an SQL statement that it is put into. Captures the fingerprint as TX:0.</summary>
internal sealed class SqlInjectionOperator : Operator
{
    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        var text = evaluation.Values[value];
        if (!SqlInjection.CouldBe(evaluation.Values.Present(value), text.Length)) return NoMatch;
        Span<byte> fingerprint = stackalloc byte[8];
        if (!SqlInjection.IsInjection(text, fingerprint, out var length)) return NoMatch;
        if (!captures.IsEmpty) evaluation.CaptureGroups.Store(evaluation.Arena.Copy(fingerprint[..length]));
        return 0;
    }
}
