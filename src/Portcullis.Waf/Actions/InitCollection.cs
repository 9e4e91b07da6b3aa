using System.Text;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Actions;

/// <summary><c>initcol</c>, <c>setsid</c>, <c>setuid</c>, <c>setrsc</c>: opens the record of a key, so that rules read and write what it remembers.</summary>
internal sealed class InitCollection(Variable collection, Macro key) : RuleAction
{
    /// <summary>In bytes; longer keys are cut.</summary>
    public const int MaximumKeyLength = 512;

    public override void Run(Evaluation evaluation)
    {
        // As in ModSecurity, the first one stays.
        ref var record = ref evaluation.Records[collection - Variable.Ip];
        if (record is not null || evaluation.Collections is not { } collections) return;

        var name = key.Expand(evaluation);
        var part = name.Span[..Math.Min(name.Length, MaximumKeyLength)];
        record = collections.Open(VariableCatalogue.Name(collection), Encoding.Latin1.GetString(part), evaluation.Plan.Settings.CollectionTimeout);
        if (collection is Variable.Session) evaluation.Message.Set(Variable.SessionId, name);
        else if (collection is Variable.User) evaluation.Message.Set(Variable.UserId, name);
    }
}
