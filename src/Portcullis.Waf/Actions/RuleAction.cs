using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Actions;

/// <summary>What a link does at each value that matches, before the rest of its chain is looked at. Immutable and shared by all transactions.</summary>
internal abstract class RuleAction
{
    public abstract void Run(Evaluation evaluation);
}
