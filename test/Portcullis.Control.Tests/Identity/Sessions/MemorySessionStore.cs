using Portcullis.Control.Identity.Sessions;

namespace Portcullis.Control.Tests.Identity.Sessions;

/// <summary>Sessions in memory, for tests. Counts look-ups and can hold one back.</summary>
internal sealed class MemorySessionStore : ISessionStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<SessionId, Session> sessions = [];
    private readonly Dictionary<string, DateTimeOffset> endedAt = new(StringComparer.Ordinal);

    public int Finds { get; private set; }

    public int Touches { get; private set; }

    public Task<IReadOnlyList<SessionId>?> TryAddAsync(Session session, int mostOfSubject, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (endedAt.TryGetValue(session.Subject, out var ended) && session.AuthenticatedAt < ended) return Task.FromResult<IReadOnlyList<SessionId>?>(null);
            sessions.Add(session.Id, session);
            var tooMany = Of(session.Subject).Where(other => other.Id != session.Id).Reverse().Skip(mostOfSubject - 1).Reverse().Select(other => other.Id).ToList();
            foreach (var id in tooMany) sessions.Remove(id);
            return Task.FromResult<IReadOnlyList<SessionId>?>(tooMany);
        }
    }

    public Task<Session?> FindAsync(SessionId id, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Finds++;
            return Task.FromResult(sessions.GetValueOrDefault(id));
        }
    }

    public Task<bool> TryReplaceAsync(SessionId former, Session session, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!sessions.TryGetValue(former, out var found) || found.Subject != session.Subject || found.Sid != session.Sid) return Task.FromResult(false);
            sessions.Remove(former);
            sessions.Add(session.Id, session);
            return Task.FromResult(true);
        }
    }

    public Task TouchAsync(SessionId id, DateTimeOffset lastSeen, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Touches++;
            if (sessions.TryGetValue(id, out var session) && session.LastSeen < lastSeen) sessions[id] = session with { LastSeen = lastSeen };
            return Task.CompletedTask;
        }
    }

    public Task<bool> EndAsync(SessionId id, CancellationToken cancellationToken)
    {
        lock (gate) return Task.FromResult(sessions.Remove(id));
    }

    public Task<IReadOnlyList<SessionId>> EndAllAsync(string subject, SessionId? except, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            endedAt[subject] = now;
            var ended = Of(subject).Select(session => session.Id).Where(id => id != except).ToList();
            foreach (var id in ended) sessions.Remove(id);
            return Task.FromResult<IReadOnlyList<SessionId>>(ended);
        }
    }

    public Task<IReadOnlyList<Session>> ListAsync(string subject, CancellationToken cancellationToken)
    {
        lock (gate) return Task.FromResult<IReadOnlyList<Session>>(Of(subject));
    }

    public Task<int> RemoveAsync(DateTimeOffset createdBefore, DateTimeOffset lastSeenBefore, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var over = sessions.Values.Where(session => session.Created < createdBefore || session.LastSeen < lastSeenBefore).Select(session => session.Id).ToList();
            foreach (var id in over) sessions.Remove(id);
            return Task.FromResult(over.Count);
        }
    }

    private List<Session> Of(string subject)
        => [.. sessions.Values.Where(session => session.Subject == subject).OrderBy(session => session.Created).ThenBy(session => session.Id.ToString(), StringComparer.Ordinal)];
}
