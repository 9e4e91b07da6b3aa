using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Gateway.Identity.Grants;

namespace Portcullis.Control.Identity.Grants;

/// <summary>The decision about a refresh token (RFC 9700 §4.14.2), within a transaction. Its steps are those of <see cref="IGrantStore.RotateRefreshTokenAsync"/>.</summary>
internal static class RefreshRotation
{
    /// <summary>Most refresh tokens of one grant, which one refresh every half minute does not reach in its 30 days; the next one ends it.</summary>
    public const int MostOfGrant = 100_000;

    public static async Task<RefreshDecision> DecideAsync(StoreContext context, RefreshAttempt attempt, CancellationToken cancellationToken)
    {
        var (key, now) = (attempt.PresentedHash.ToArray(), attempt.Now);
        var found = await context.RefreshTokens.Where(token => token.Hash == key)
            .Join(context.Grants, token => token.GrantId, grant => grant.Id, (token, grant) => new { Token = token, Grant = grant })
            .SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);

        // 1. Unknown; another client's, so it has leaked; of a grant that is over.
        if (found is null) return default;
        var (token, grant) = (found.Token, GrantRows.ToGrant(found.Grant));
        if (grant.ClientId != attempt.ClientId)
        {
            await GrantStore.EndAsync(context, grant.Id, now, cancellationToken).ConfigureAwait(false);
            return new(RefreshOutcome.WrongClient, grant, default);
        }

        if (found.Grant.HasEnded(now)) return new(RefreshOutcome.Ended, grant, default);

        // 2. Unspent, as far as could be read: of those that think so the database lets one spend it. The others read again what that one left.
        if (token.Spent is null)
        {
            if (await TrySpendAsync(context, attempt, key, cancellationToken).ConfigureAwait(false)) return await SucceedAsync(context, attempt, token, grant, cancellationToken).ConfigureAwait(false);
            token = await context.RefreshTokens.SingleAsync(one => one.Hash == key, cancellationToken).ConfigureAwait(false);
        }

        // 3. Spent: its reply may have been lost, once.
        if (MayRepeat(attempt, token) && await TryTakeSuccessorAsync(context, key, cancellationToken).ConfigureAwait(false)) return new(RefreshOutcome.Repeated, grant, token.Successor);

        // 4. A replay. Where somebody was faster to end the grant, this one finds it ended.
        var hasEndedIt = await GrantStore.EndAsync(context, grant.Id, now, cancellationToken).ConfigureAwait(false);
        return new(hasEndedIt ? RefreshOutcome.Replayed : RefreshOutcome.Ended, grant, default);
    }

    private static async Task<bool> TrySpendAsync(StoreContext context, RefreshAttempt attempt, byte[] key, CancellationToken cancellationToken)
    {
        var (now, next, successor, evidence) = (attempt.Now, attempt.SuccessorHash.ToArray(), attempt.SealedSuccessor.ToArray(), attempt.Evidence.ToArray());
        return await context.RefreshTokens.Where(token => token.Hash == key && token.Spent == null).ExecuteUpdateAsync(
            update => update
                .SetProperty(token => token.Spent, now)
                .SetProperty(token => token.SuccessorHash, next)
                .SetProperty(token => token.Successor, successor)
                .SetProperty(token => token.Evidence, evidence),
            cancellationToken).ConfigureAwait(false) == 1;
    }

    private static async Task<RefreshDecision> SucceedAsync(StoreContext context, RefreshAttempt attempt, RefreshToken token, Gateway.Identity.Grants.Grant grant, CancellationToken cancellationToken)
    {
        // On the grant itself, so that one that ends at the same time is either ended before or sees this.
        var isLiving = await context.Grants.Where(one => one.Id == grant.Id && one.Ended == null && one.Tokens < MostOfGrant)
            .ExecuteUpdateAsync(update => update.SetProperty(one => one.Tokens, one => one.Tokens + 1), cancellationToken).ConfigureAwait(false) == 1;
        if (!isLiving)
        {
            await GrantStore.EndAsync(context, grant.Id, attempt.Now, cancellationToken).ConfigureAwait(false);
            return new(RefreshOutcome.Ended, grant, default);
        }

        context.RefreshTokens.Add(new RefreshToken { Hash = attempt.SuccessorHash.ToArray(), GrantId = grant.Id, ParentHash = token.Hash, Created = attempt.Now });
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);

        // Whoever has used the successor has got it: the one before gives it to nobody any more.
        if (token.ParentHash is { } parent)
        {
            await context.RefreshTokens.Where(one => one.Hash == parent && one.Successor != null)
                .ExecuteUpdateAsync(update => update.SetProperty(one => one.Successor, (byte[]?)null), cancellationToken).ConfigureAwait(false);
        }

        return new(RefreshOutcome.Rotated, grant, default);
    }

    private static bool MayRepeat(RefreshAttempt attempt, RefreshToken token)
    {
        var age = attempt.Now - token.Spent;
        return token.Successor is not null && age >= TimeSpan.Zero && age <= attempt.Grace && CryptographicOperations.FixedTimeEquals(attempt.Evidence.Span, token.Evidence);
    }

    private static async Task<bool> TryTakeSuccessorAsync(StoreContext context, byte[] key, CancellationToken cancellationToken) => await context.RefreshTokens
        .Where(token => token.Hash == key && token.Successor != null && context.RefreshTokens.Any(next => next.Hash == token.SuccessorHash && next.Spent == null))
        .ExecuteUpdateAsync(update => update.SetProperty(token => token.Successor, (byte[]?)null), cancellationToken).ConfigureAwait(false) == 1;
}
