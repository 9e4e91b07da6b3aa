using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;
using AuthorizationCode = Portcullis.Gateway.Identity.Grants.AuthorizationCode;
using GrantRow = Portcullis.Control.Storage.Entities.Grant;
using Revocation = Portcullis.Gateway.Identity.Revocations.Revocation;

namespace Portcullis.Control.Identity.Grants;

/// <summary>
/// Grants with their codes and refresh tokens, and what was revoked, in the database. Each method is one transaction, and who of two comes first is decided by
/// the database alone, by updates on the condition that nobody has made them yet: nodes need not know of each other. Safe from any thread.
/// </summary>
/// <remarks>
/// Rows are locked in one order, first code or refresh token, then grant, so that no two transactions wait for each other. On SQLite, where one writes at
/// a time, a transaction begins by waiting for the others.
/// </remarks>
/// <param name="store">The database.</param>
/// <param name="clock">Tells when a grant was made, and which revocations still count.</param>
public sealed class GrantStore(Store store, TimeProvider clock) : IGrantStore, IRevocationStore
{
    /// <summary>Most grants that one person may have at once; one more is refused. Without refresh tokens a grant goes after two days.</summary>
    public const int MostOfPerson = 10_000;

    /// <summary>
    /// Added to the time of a revocation of a person or client that is disabled or may not go on: a node that learns of it within a second issues no token
    /// that outlives it.
    /// </summary>
    public static readonly TimeSpan NoticeTime = TimeSpan.FromSeconds(2);

    /// <summary>Grants of a client that end in one transaction; others can write in between.</summary>
    private const int Batch = 500;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The subject is no person's.</exception>
    /// <exception cref="StoreException">The database can't be written, or the person has <see cref="MostOfPerson"/> grants.</exception>
    public async ValueTask<bool> AddCodeAsync(AuthorizationCode code, CancellationToken cancellationToken)
    {
        var (grant, row) = GrantRows.ToRows(code, clock.GetUtcNow());
        return await DecideAsync(
            async context =>
            {
                // Who ends the session waits until the grant is there, and then ends it.
                if (code.BegunIn is { } sid && !await TryHoldSessionAsync(context, sid, grant.PersonId, cancellationToken).ConfigureAwait(false)) return false;
                if (await context.Grants.CountAsync(one => one.PersonId == grant.PersonId && one.Ended == null, cancellationToken).ConfigureAwait(false) >= MostOfPerson)
                    throw new StoreException($"a person has {MostOfPerson} grants in {store.Place}, which is the most", "end those of the client that asks for so many: portcullis token revoke --client ID");
                context.Grants.Add(grant);
                context.AuthorizationCodes.Add(row);
                await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be used.</exception>
    public async ValueTask<CodeRedemption> RedeemCodeAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = hash.ToArray();
        return await DecideAsync(
            async context =>
            {
                var found = await context.AuthorizationCodes.Where(code => code.Hash == key)
                    .Join(context.Grants, code => code.GrantId, grant => grant.Id, (code, grant) => new { Code = code, Grant = grant })
                    .SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
                if (found is null) return default;
                if (found.Code.Spent is null && (now >= found.Code.Expires || found.Grant.HasEnded(now))) return new CodeRedemption(CodeRedemptionOutcome.Expired, null);

                var code = GrantRows.ToCode(found.Code, found.Grant);
                var isFirst = found.Code.Spent is null && await context.AuthorizationCodes.Where(one => one.Hash == key && one.Spent == null)
                    .ExecuteUpdateAsync(update => update.SetProperty(one => one.Spent, now), cancellationToken).ConfigureAwait(false) == 1;
                if (isFirst) return new CodeRedemption(CodeRedemptionOutcome.Redeemed, code);
                await EndAsync(context, code.Grant.Id, now, cancellationToken).ConfigureAwait(false);
                return new CodeRedemption(CodeRedemptionOutcome.Replayed, code);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be used.</exception>
    public async ValueTask<bool> AddRefreshTokenAsync(string grantId, ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken) => await DecideAsync(
        async context =>
        {
            var isFirst = await context.Grants.Where(grant => grant.Id == grantId && grant.Tokens == 0 && grant.Ended == null && grant.Expires > now)
                .ExecuteUpdateAsync(update => update.SetProperty(grant => grant.Tokens, 1), cancellationToken).ConfigureAwait(false) == 1;
            if (!isFirst) return false;
            context.RefreshTokens.Add(new RefreshToken { Hash = hash.ToArray(), GrantId = grantId, Created = now });
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be used.</exception>
    public async ValueTask<RefreshDecision> RotateRefreshTokenAsync(RefreshAttempt attempt, CancellationToken cancellationToken)
        => await DecideAsync(context => RefreshRotation.DecideAsync(context, attempt, cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public async ValueTask<RefreshTokenState?> FindRefreshTokenAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = hash.ToArray();
        var found = await store.UseAsync(context => context.RefreshTokens.Where(token => token.Hash == key)
            .Join(context.Grants, token => token.GrantId, grant => grant.Id, (token, grant) => new { token.Spent, Grant = grant })
            .SingleOrDefaultAsync(cancellationToken)).ConfigureAwait(false);
        return found is null ? null : new RefreshTokenState(GrantRows.ToGrant(found.Grant), found.Spent is null && !found.Grant.HasEnded(now));
    }

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be used.</exception>
    public async ValueTask<bool> EndGrantAsync(string grantId, DateTimeOffset now, CancellationToken cancellationToken)
        => await DecideAsync(context => EndAsync(context, grantId, now, cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be used.</exception>
    public async ValueTask<int> EndGrantsOfSubjectAsync(string subject, DateTimeOffset now, CancellationToken cancellationToken)
        => GrantRows.PersonOf(subject) is { } person ? await EndAllAsync(grant => grant.PersonId == person, now, cancellationToken).ConfigureAwait(false) : 0;

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be used.</exception>
    public async ValueTask<int> EndGrantsOfSessionAsync(string subject, string sessionId, DateTimeOffset now, CancellationToken cancellationToken)
        => GrantRows.PersonOf(subject) is { } person ? await EndAllAsync(grant => grant.PersonId == person && grant.SessionId == sessionId, now, cancellationToken).ConfigureAwait(false) : 0;

    /// <summary>
    /// Ends all that a client has been given: its grants, and by one revocation every access token it has had so far, its own too. Returns how many grants.
    /// </summary>
    /// <exception cref="StoreException">The database can't be used; the revocation then is not there, and the grants ended in part.</exception>
    public async Task<int> EndClientAsync(string clientId, CancellationToken cancellationToken)
    {
        var (total, now) = (0, clock.GetUtcNow());
        for (var ended = Batch; ended == Batch; total += ended)
        {
            ended = await store.UseAsync(context => context.Grants.Where(grant => grant.ClientId == clientId && grant.Ended == null).OrderBy(grant => grant.Id).Take(Batch)
                .ExecuteUpdateAsync(update => update.SetProperty(grant => grant.Ended, now), cancellationToken)).ConfigureAwait(false);
        }

        // After the grants: one that was refreshed just before has had its tokens by then.
        await AddAsync(new Revocation(RevocationKind.Client, clientId, clock.GetUtcNow() + NoticeTime), cancellationToken).ConfigureAwait(false);
        return total;
    }

    /// <summary>Whether tokens can have that subject: a person's id or, for a client that acts for itself, its own.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public Task<bool> HasSubjectAsync(string subject, CancellationToken cancellationToken) => store.UseAsync(context => GrantRows.PersonOf(subject) is { } id
        ? context.People.AnyAsync(person => person.Id == id, cancellationToken)
        : context.Clients.AnyAsync(client => client.Id == subject, cancellationToken));

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be written.</exception>
    public async ValueTask AddAsync(Revocation revocation, CancellationToken cancellationToken) => await store.UseAsync(context =>
    {
        context.Revocations.Add(GrantRows.ToRow(revocation));
        return context.SaveChangesAsync(cancellationToken);
    }).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public async ValueTask<RevocationReading> ReadAsync(long cursor, CancellationToken cancellationToken)
    {
        var (rows, next) = await store.UseAsync(context => store.ReadRevocationsAsync(context, cursor, clock.GetUtcNow(), cancellationToken)).ConfigureAwait(false);
        return new RevocationReading([.. rows.Select(GrantRows.ToRevocation)], next);
    }

    /// <summary>Ends a grant and revokes its access tokens, within the caller's transaction; false where somebody has ended it before.</summary>
    internal static async Task<bool> EndAsync(StoreContext context, string grantId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isFirst = await context.Grants.Where(grant => grant.Id == grantId && grant.Ended == null)
            .ExecuteUpdateAsync(update => update.SetProperty(grant => grant.Ended, now), cancellationToken).ConfigureAwait(false) == 1;
        if (!isFirst) return false;
        context.Revocations.Add(GrantRows.ToRow(new Revocation(RevocationKind.Grant, grantId, now)));
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static async Task<bool> TryHoldSessionAsync(StoreContext context, string sid, Guid person, CancellationToken cancellationToken)
        => Guid.TryParseExact(sid, "N", out var id) && await context.Sessions.Where(session => session.Id == id && session.PersonId == person)
            .ExecuteUpdateAsync(update => update.SetProperty(session => session.Created, session => session.Created), cancellationToken).ConfigureAwait(false) == 1;

    private Task<int> EndAllAsync(Expression<Func<GrantRow, bool>> which, DateTimeOffset now, CancellationToken cancellationToken) => DecideAsync(
        async context =>
        {
            // In the order of their ids, so that two who end them at once do not wait for each other.
            var living = await context.Grants.Where(which).Where(grant => grant.Ended == null).OrderBy(grant => grant.Id).Select(grant => grant.Id)
                .ToListAsync(cancellationToken).ConfigureAwait(false);
            var ended = 0;
            foreach (var id in living) ended += await EndAsync(context, id, now, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            return ended;
        },
        cancellationToken);

    private Task<T> DecideAsync<T>(Func<StoreContext, Task<T>> decide, CancellationToken cancellationToken) => store.UseAsync(async context =>
    {
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = transaction.ConfigureAwait(false);
        var decision = await decide(context).ConfigureAwait(false);

        // Whoever hangs up now does not leave it open whether it was decided.
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return decision;
    });
}
