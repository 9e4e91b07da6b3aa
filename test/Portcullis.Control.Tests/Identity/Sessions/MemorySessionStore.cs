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

    public Task<IReadOnlyList<EndedSession>?> TryAddAsync(Session session, int mostOfSubject, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (endedAt.TryGetValue(session.Subject, out var ended) && session.AuthenticatedAt < ended) return Task.FromResult<IReadOnlyList<EndedSession>?>(null);
            sessions.Add(session.Id, session);
            var tooMany = Of(session.Subject).Where(other => other.Id != session.Id).Reverse().Skip(mostOfSubject - 1).Reverse().Select(other => new EndedSession(other.Id, other.Sid)).ToList();
            foreach (var other in tooMany) sessions.Remove(other.Id);
            return Task.FromResult<IReadOnlyList<EndedSession>?>(tooMany);
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

    public Task<IReadOnlyList<EndedSession>> EndAllAsync(string subject, SessionId? except, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            endedAt[subject] = now;
            var ended = Of(subject).Where(session => session.Id != except).Select(session => new EndedSession(session.Id, session.Sid)).ToList();
            foreach (var one in ended) sessions.Remove(one.Id);
            return Task.FromResult<IReadOnlyList<EndedSession>>(ended);
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
