using Portcullis.Gateway.Identity.Grants;

namespace Portcullis.Serving.Deferred;

/// <summary>The grants of a database that is being opened.</summary>
internal sealed class DeferredGrants(Task<IGrantStore> opening) : IGrantStore
{
    public async ValueTask<bool> AddCodeAsync(AuthorizationCode code, CancellationToken cancellationToken) => await (await OpenedAsync(cancellationToken)).AddCodeAsync(code, cancellationToken);

    public async ValueTask<CodeRedemption> RedeemCodeAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken)
        => await (await OpenedAsync(cancellationToken)).RedeemCodeAsync(hash, now, cancellationToken);

    public async ValueTask<bool> AddRefreshTokenAsync(string grantId, ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken)
        => await (await OpenedAsync(cancellationToken)).AddRefreshTokenAsync(grantId, hash, now, cancellationToken);

    public async ValueTask<RefreshDecision> RotateRefreshTokenAsync(RefreshAttempt attempt, CancellationToken cancellationToken)
        => await (await OpenedAsync(cancellationToken)).RotateRefreshTokenAsync(attempt, cancellationToken);

    public async ValueTask<RefreshTokenState?> FindRefreshTokenAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken)
        => await (await OpenedAsync(cancellationToken)).FindRefreshTokenAsync(hash, now, cancellationToken);

    public async ValueTask<bool> EndGrantAsync(string grantId, DateTimeOffset now, CancellationToken cancellationToken)
        => await (await OpenedAsync(cancellationToken)).EndGrantAsync(grantId, now, cancellationToken);

    public async ValueTask<int> EndGrantsOfSubjectAsync(string subject, DateTimeOffset now, CancellationToken cancellationToken)
        => await (await OpenedAsync(cancellationToken)).EndGrantsOfSubjectAsync(subject, now, cancellationToken);

    public async ValueTask<int> EndGrantsOfSessionAsync(string subject, string sessionId, DateTimeOffset now, CancellationToken cancellationToken)
        => await (await OpenedAsync(cancellationToken)).EndGrantsOfSessionAsync(subject, sessionId, now, cancellationToken);

    private Task<IGrantStore> OpenedAsync(CancellationToken cancellationToken) => opening.IsCompletedSuccessfully ? opening : opening.WaitAsync(cancellationToken);
}
