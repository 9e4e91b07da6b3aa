namespace Portcullis.Gateway.Connections;

/// <summary>What a listener has let in and turned away since it was first started. Thread safe; survives reloads of the listener.</summary>
public sealed class ConnectionCounters
{
    private readonly long[] refused = new long[Enum.GetValues<ConnectionRefusal>().Length];
    private long accepted;
    private long open;

    /// <summary>Connections let in.</summary>
    public long Accepted => Interlocked.Read(ref accepted);

    /// <summary>Connections open now.</summary>
    public long Open => Interlocked.Read(ref open);

    /// <summary>Connections turned away or cut for the reason.</summary>
    public long Refused(ConnectionRefusal reason) => Interlocked.Read(ref refused[(int)reason]);

    internal void CountRefused(ConnectionRefusal reason) => Interlocked.Increment(ref refused[(int)reason]);

    /// <summary>Takes a place if fewer than <paramref name="limit"/> are taken.</summary>
    internal bool TryOpen(int limit)
    {
        if (Interlocked.Increment(ref open) <= limit) return true;
        Interlocked.Decrement(ref open);
        return false;
    }

    internal void CountAccepted() => Interlocked.Increment(ref accepted);

    internal void Close() => Interlocked.Decrement(ref open);
}
