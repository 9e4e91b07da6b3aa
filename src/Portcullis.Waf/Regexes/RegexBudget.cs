namespace Portcullis.Waf.Regexes;

/// <summary>
/// What the automata of a rule set may hold together, in bytes. Each pattern has a small amount of its own (<see cref="DfaCache.OwnBytes"/>); what is above
/// counts here. Where the budget is used up, a pattern that wants more drops what it has built and begins anew. A budget goes with its rule set: what
/// patterns hold is not given back when the collector takes them. Safe for concurrent use.
/// </summary>
/// <param name="limit">Bytes.</param>
internal sealed class RegexBudget(long limit)
{
    /// <summary>Enough for the Core Rule Set many times over.</summary>
    public const long DefaultLimit = 64 * 1024 * 1024;

    private long used;

    public long Used => Interlocked.Read(ref used);

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref used, bytes) <= limit) return true;
        Interlocked.Add(ref used, -bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref used, -bytes);
}
