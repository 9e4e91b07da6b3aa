using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Storage;
using Portcullis.Trust.Sealing;
using Entities = Portcullis.Control.Storage.Entities;

namespace Portcullis.Control.Identity.Sessions;

/// <summary>
/// Sessions in the database. A session that ended has no row. Browser and address are sealed under their person's own key: where that was destroyed the session is none any more.
/// Safe from any thread.
/// </summary>
public sealed class SessionStore(Store store, SubjectSealer personal) : ISessionStore
{
    private const int LongestMethods = 128;

    // So many people are looked at for a round of removing.
    private const int Round = 500;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EndedSession>?> TryAddAsync(Session session, int mostOfSubject, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostOfSubject, 1);
        if (!SubjectId.TryRead(session.Subject, out var person)) return null;

        // Looked at before a key would be made for somebody who is not there.
        if (!await store.InPoolAsync(context => context.People.AnyAsync(row => row.Id == person && !row.IsDisabled, cancellationToken)).ConfigureAwait(false)) return null;
        if (await SealAsync(session, cancellationToken).ConfigureAwait(false) is not { } row) return null;
        return await store.InTransactionAsync<IReadOnlyList<EndedSession>?>(
            async context =>
            {
                // The rule and the wait for whoever ends all sessions now, in one.
                var authenticated = session.AuthenticatedAt;
                var mayBegin = context.People.Where(each => each.Id == person && !each.IsDisabled && (each.SessionsEnded == null || each.SessionsEnded <= authenticated));
                if (!await PersonRow.TryHoldAsync(mayBegin, cancellationToken).ConfigureAwait(false)) return null;

                var surplus = await context.Sessions
                    .Where(other => other.PersonId == person)
                    .OrderByDescending(other => other.Created).ThenByDescending(other => other.TokenHash)
                    .Skip(mostOfSubject - 1)
                    .ToListAsync(cancellationToken).ConfigureAwait(false);
                surplus.Reverse();
                context.Sessions.Add(row);
                return await EndAsync(context, surplus, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<Session?> FindAsync(SessionId id, CancellationToken cancellationToken)
    {
        var hash = id.ToBytes();
        var row = await store.InPoolAsync(context => context.Sessions.SingleOrDefaultAsync(session => session.TokenHash == hash, cancellationToken)).ConfigureAwait(false);
        return row is null ? null : await OpenAsync(row, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The session of a <see cref="Session.Sid"/>, or null.</summary>
    public async Task<Session?> FindBySidAsync(string sid, CancellationToken cancellationToken)
    {
        if (!SubjectId.TryRead(sid, out var id)) return null;
        var row = await store.InPoolAsync(context => context.Sessions.SingleOrDefaultAsync(session => session.Id == id, cancellationToken)).ConfigureAwait(false);
        return row is null ? null : await OpenAsync(row, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> TryReplaceAsync(SessionId former, Session session, CancellationToken cancellationToken)
    {
        if (!SubjectId.TryRead(session.Subject, out var person) || !SubjectId.TryRead(session.Sid, out var id)) return false;
        if (await SealAsync(session, cancellationToken).ConfigureAwait(false) is not { } row) return false;
        var hash = former.ToBytes();
        return await store.InPoolAsync(context => context.Sessions
            .Where(each => each.TokenHash == hash && each.PersonId == person && each.Id == id)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(each => each.TokenHash, row.TokenHash)
                    .SetProperty(each => each.Methods, row.Methods)
                    .SetProperty(each => each.Authenticated, row.Authenticated)
                    .SetProperty(each => each.LastSeen, row.LastSeen)
                    .SetProperty(each => each.Device, row.Device)
                    .SetProperty(each => each.Address, row.Address),
                cancellationToken)).ConfigureAwait(false) > 0;
    }

    /// <inheritdoc/>
    public Task TouchAsync(SessionId id, DateTimeOffset lastSeen, CancellationToken cancellationToken)
    {
        var hash = id.ToBytes();
        return store.InPoolAsync(context => context.Sessions
            .Where(session => session.TokenHash == hash && session.LastSeen < lastSeen)
            .ExecuteUpdateAsync(set => set.SetProperty(session => session.LastSeen, lastSeen), cancellationToken));
    }

    /// <inheritdoc/>
    public Task<bool> EndAsync(SessionId id, CancellationToken cancellationToken)
    {
        var hash = id.ToBytes();
        return store.InTransactionAsync(
            async context =>
            {
                var ending = await context.Sessions.Where(session => session.TokenHash == hash).ToListAsync(cancellationToken).ConfigureAwait(false);
                return (await EndAsync(context, ending, cancellationToken).ConfigureAwait(false)).Count > 0;
            },
            cancellationToken);
    }

    /// <summary>Ends the session of a <see cref="Session.Sid"/>, whatever its cookie is by now; false where it was gone.</summary>
    public async Task<bool> EndBySidAsync(string sid, CancellationToken cancellationToken)
        => SubjectId.TryRead(sid, out var id) && await store.InTransactionAsync(
            async context =>
            {
                var ending = await context.Sessions.Where(session => session.Id == id).ToListAsync(cancellationToken).ConfigureAwait(false);
                return (await EndAsync(context, ending, cancellationToken).ConfigureAwait(false)).Count > 0;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EndedSession>> EndAllAsync(string subject, SessionId? except, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!SubjectId.TryRead(subject, out var person)) return [];
        var kept = except?.ToBytes() ?? [];
        return await store.ChangeAsync<IReadOnlyList<EndedSession>>(
            person,
            otherwise: [],
            async context =>
            {
                await context.People.Where(each => each.Id == person && (each.SessionsEnded == null || each.SessionsEnded < now))
                    .ExecuteUpdateAsync(set => set.SetProperty(each => each.SessionsEnded, now), cancellationToken).ConfigureAwait(false);
                var ending = await context.Sessions.Where(session => session.PersonId == person && session.TokenHash != kept).ToListAsync(cancellationToken).ConfigureAwait(false);
                return await EndAsync(context, ending, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Session>> ListAsync(string subject, CancellationToken cancellationToken)
        => SubjectId.TryRead(subject, out var person) ? await ListAsync(rows => rows.Where(session => session.PersonId == person), cancellationToken).ConfigureAwait(false) : [];

    /// <summary>The sessions of everybody, the oldest first, those that are over included.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task<IReadOnlyList<Session>> ListAllAsync(int most, CancellationToken cancellationToken) => ListAsync(rows => rows.Take(most), cancellationToken);

    /// <inheritdoc/>
    public async Task<int> RemoveAsync(DateTimeOffset createdBefore, DateTimeOffset lastSeenBefore, CancellationToken cancellationToken)
    {
        var removed = 0;
        while (true)
        {
            // Person by person, like everybody who removes several at once: so none waits for another one who waits for them.
            var people = await store.InPoolAsync(context => Over(context).Select(session => session.PersonId).Distinct().Take(Round).ToListAsync(cancellationToken)).ConfigureAwait(false);
            foreach (var person in people)
            {
                removed += await store.ChangeAsync(
                    person, otherwise: 0, context => Over(context).Where(session => session.PersonId == person).ExecuteDeleteAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
            }

            if (people.Count < Round) return removed;
        }

        IQueryable<Entities.Session> Over(StoreContext context) => context.Sessions.Where(session => session.Created < createdBefore || session.LastSeen < lastSeenBefore);
    }

    // Each by itself and by its hash: one that is renewed or ended meanwhile was not ended here.
    private static async Task<IReadOnlyList<EndedSession>> EndAsync(StoreContext context, List<Entities.Session> sessions, CancellationToken cancellationToken)
    {
        var ended = new List<EndedSession>(sessions.Count);
        foreach (var session in sessions)
        {
            var (id, hash) = (session.Id, session.TokenHash);
            if (await context.Sessions.Where(each => each.Id == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) == 0) continue;
            context.Announce(ChangeTopic.Sessions, SubjectId.Of(id));
            ended.Add(new EndedSession(new SessionId(hash), SubjectId.Of(id)));
        }

        return ended;
    }

    private async Task<IReadOnlyList<Session>> ListAsync(Func<IQueryable<Entities.Session>, IQueryable<Entities.Session>> which, CancellationToken cancellationToken)
    {
        var rows = await store.InPoolAsync(context => which(context.Sessions.OrderBy(session => session.Created).ThenBy(session => session.TokenHash)).ToListAsync(cancellationToken)).ConfigureAwait(false);
        var sessions = new List<Session>(rows.Count);
        foreach (var row in rows)
        {
            if (await OpenAsync(row, cancellationToken).ConfigureAwait(false) is { } session) sessions.Add(session);
        }

        return sessions;
    }

    private async Task<Entities.Session?> SealAsync(Session session, CancellationToken cancellationToken)
    {
        var methods = string.Join(' ', session.Methods);
        if (methods.Length is 0 or > LongestMethods || !SubjectId.TryRead(session.Sid, out var id) || !SubjectId.TryRead(session.Subject, out var person))
            throw new ArgumentException("A session has an id, a subject and methods that fit into their columns.", nameof(session));
        if (await Entities.Session.Devices.SealAsync(personal, session.Subject, id, session.Device, cancellationToken).ConfigureAwait(false) is not { } device) return null;
        if (await Entities.Session.Addresses.SealAsync(personal, session.Subject, id, session.Address, cancellationToken).ConfigureAwait(false) is not { } address) return null;
        return new Entities.Session
        {
            Id = id,
            TokenHash = session.Id.ToBytes(),
            PersonId = person,
            Methods = methods,
            Authenticated = session.AuthenticatedAt,
            Created = session.Created,
            LastSeen = session.LastSeen,
            Device = device,
            Address = address,
        };
    }

    private async Task<Session?> OpenAsync(Entities.Session row, CancellationToken cancellationToken)
    {
        var subject = SubjectId.Of(row.PersonId);
        if (await Entities.Session.Devices.OpenAsync(personal, subject, row.Id, row.Device, cancellationToken).ConfigureAwait(false) is not { } device) return null;
        if (await Entities.Session.Addresses.OpenAsync(personal, subject, row.Id, row.Address, cancellationToken).ConfigureAwait(false) is not { } address) return null;
        return new Session
        {
            Id = new SessionId(row.TokenHash),
            Sid = SubjectId.Of(row.Id),
            Subject = subject,
            Created = row.Created,
            LastSeen = row.LastSeen,
            AuthenticatedAt = row.Authenticated,
            Methods = row.Methods.Split(' '),
            Device = device,
            Address = address,
        };
    }
}
