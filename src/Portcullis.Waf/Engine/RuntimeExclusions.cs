using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>The rules and targets that are out for this transaction: by the route's settings, and by <c>ctl:ruleRemove…</c> of rules that matched before.</summary>
internal sealed class RuntimeExclusions(RulePlan plan)
{
    /// <summary>More different ones than these are not kept: what they would take out is looked at.</summary>
    public const int Capacity = 512;

    private readonly ulong[] removed = new ulong[(plan.Rules.Length + 63) / 64];
    private readonly List<(RuleSelection Rules, Target Target)> targets = [];
    private bool isDirty;

    /// <summary>Whether a TX variable is out for some rule.</summary>
    public bool ConcernsTx { get; private set; }

    /// <param name="rule">Its <see cref="Rule.Index"/>.</param>
    public bool IsRemoved(int rule) => (removed[rule >> 6] >> rule & 1) != 0;

    public void Remove(RuleSelection rules)
    {
        isDirty = true;
        for (var word = 0; word < removed.Length; word++) removed[word] |= rules.Bits[word];
    }

    public void RemoveTarget(RuleSelection rules, Target target)
    {
        // An action that runs at each of many values says the same each time.
        foreach (var (known, excluded) in targets)
        {
            if (ReferenceEquals(excluded, target) && ReferenceEquals(known, rules)) return;
        }

        ConcernsTx |= target.Variable == Variable.Tx;
        if (targets.Count < Capacity) targets.Add((rules, target));
    }

    /// <summary>Whether a value is out for this rule.</summary>
    public bool Excludes(Rule rule, in Found found)
    {
        foreach (var (rules, target) in targets)
        {
            if (target.Variable == found.Variable && rules[rule] && target.Selects(found.NameId, found.Name.Span)) return true;
        }

        return false;
    }

    public void Clear()
    {
        targets.Clear();
        ConcernsTx = false;
        if (!isDirty) return;
        Array.Clear(removed);
        isDirty = false;
    }
}
