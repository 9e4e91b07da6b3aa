namespace Portcullis.Gateway.Policies.Waf;

/// <summary>
/// Memory that bodies under inspection take, and what the rules make of them, over all routes and connections. At the cap a body can't be inspected: the request is refused with 503
/// where it would have to be. Thread safe.
/// </summary>
internal sealed class BodyMemory
{
    private long used;

    /// <summary>The cap, in bytes. May change at any time; what is taken stays taken.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    public long Used => Interlocked.Read(ref used);

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref used, bytes) <= Capacity) return true;
        Interlocked.Add(ref used, -bytes);
        return false;
    }

    /// <summary>Takes memory for what can be left out: only as long as half of it stays free for bodies.</summary>
    public bool TryTakeSpare(long bytes)
    {
        if (Interlocked.Add(ref used, bytes) <= Capacity / 2) return true;
        Interlocked.Add(ref used, -bytes);
        return false;
    }

    /// <summary>Takes memory in any case: of a response, which can't be refused for it, or what rules have made already. What is asked for later gets the less.</summary>
    public void Take(long bytes) => Interlocked.Add(ref used, bytes);

    /// <summary>Whether the cap has been reached.</summary>
    public bool IsFull => Interlocked.Read(ref used) >= Capacity;

    public void Return(long bytes) => Interlocked.Add(ref used, -bytes);
}
