using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Control.Identity.Sessions;

/// <summary>Sessions that were looked up within the last second, so that a page's requests ask the store once. What is not there is not kept: guesses fill nothing.</summary>
internal sealed class SessionCache(TimeProvider clock)
{
    /// <summary>How long an answer of the store counts, from the moment it was asked: what ends elsewhere ends here by then.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    /// <summary>Sessions kept; at the cap all are forgotten, which costs each a look-up.</summary>
    public const int Capacity = 10_000;

    private readonly ConcurrentDictionary<SessionId, (Session Session, long Asked)> known = new();
    private int count;

    public int Count => known.Count;

    public bool TryGet(SessionId id, [NotNullWhen(true)] out Session? session)
    {
        session = known.TryGetValue(id, out var entry) && clock.GetElapsedTime(entry.Asked) < Life ? entry.Session : null;
        return session is not null;
    }

    /// <param name="session">What the store answered.</param>
    /// <param name="asked">The timestamp from before it was asked.</param>
    public void Keep(Session session, long asked)
    {
        if (Volatile.Read(ref count) >= Capacity)
        {
            known.Clear();
            Volatile.Write(ref count, 0);
        }

        if (known.TryAdd(session.Id, (session, asked))) Interlocked.Increment(ref count);
        else known[session.Id] = (session, asked);
    }

    public void Forget(SessionId id)
    {
        if (known.TryRemove(id, out _)) Interlocked.Decrement(ref count);
    }
}
