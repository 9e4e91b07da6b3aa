namespace Portcullis.Waf.Engine;

/// <summary>The matches of one transaction that are reported, in order.</summary>
internal sealed class HitLog(int rules)
{
    /// <summary>Beyond these, a rule that has been reported is not reported again. The first match of a rule always is.</summary>
    public const int Capacity = 256;

    private readonly ulong[] seen = new ulong[(rules + 63) / 64];
    private readonly List<RuleHit> hits = [];

    public IReadOnlyList<RuleHit> Hits => hits;

    public int Count => hits.Count;

    /// <summary>Matches beyond <see cref="Capacity"/>.</summary>
    public int Unreported { get; private set; }

    /// <summary>Whether a further match of the rule is reported.</summary>
    public bool Takes(Rules.Rule rule)
    {
        var isNew = (seen[rule.Index >> 6] >> rule.Index & 1) == 0;
        seen[rule.Index >> 6] |= 1UL << rule.Index;
        if (isNew || hits.Count < Capacity) return true;
        Unreported++;
        return false;
    }

    public void Add(RuleHit hit) => hits.Add(hit);

    public void Clear()
    {
        if (hits.Count == 0 && Unreported == 0) return;
        Array.Clear(seen);
        hits.Clear();
        Unreported = 0;
    }
}
