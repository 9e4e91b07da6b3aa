using Portcullis.Waf.Engine;
using Portcullis.Waf.Injection;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary><c>@detectXSS</c>: the value would run script in a page that it is put into.</summary>
internal sealed class CrossSiteScriptingOperator : Operator
{
    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        var text = evaluation.Values[value];
        return CrossSiteScripting.CouldBe(evaluation.Values.Present(value), text.Length) && CrossSiteScripting.IsInjection(text) ? 0 : NoMatch;
    }
}
