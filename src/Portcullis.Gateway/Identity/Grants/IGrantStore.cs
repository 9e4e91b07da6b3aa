namespace Portcullis.Gateway.Identity.Grants;

/// <summary>
/// Grants, their codes and their refresh tokens. Implemented by the control plane. Each method is one atomic decision, also between nodes: of two that
/// come at once, one is first, and the other sees what it did. What a method has answered survives a crash. Tokens are known by their hashes alone.
/// </summary>
/// <remarks>
/// <para>A grant that ends before its time, however that comes about, is a revocation of kind <see cref="Revocations.RevocationKind.Grant"/>, valid for
/// <see cref="Revocations.Revocation.Longest"/>, that <see cref="Revocations.IRevocationStore"/> gives out: written in the same transaction, so that access
/// tokens can't outlive a crash between the two.</para>
/// <para>Spent codes and tokens are kept until their grant's end and at least a day, so that a replay is recognised. Methods throw where the
/// store can't be read or written; the request is then answered 500 and nothing is issued.</para>
/// </remarks>
public interface IGrantStore
{
    /// <summary>
    /// Takes a code and makes its grant. Hash and grant id are fresh random values. False, and nothing made, where <see cref="AuthorizationCode.BegunIn"/>
    /// has ended: who ends a session and then its grants misses none.
    /// </summary>
    ValueTask<bool> AddCodeAsync(AuthorizationCode code, CancellationToken cancellationToken);

    /// <summary>
    /// Spends a code. A second time, also one past its expiry, ends the grant (RFC 6749 §4.1.2).
    /// </summary>
    ValueTask<CodeRedemption> RedeemCodeAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Adds the first refresh token of a grant; false where the grant has ended meanwhile, is over or already has one.</summary>
    ValueTask<bool> AddRefreshTokenAsync(string grantId, ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Decides about a refresh token, in this order: unknown; another client's, which ends the grant; of an ended or expired grant; unspent, which
    /// spends it and adds the successor; spent, where the successor is given once more if it is within the grace, the evidence is the
    /// same, it was not repeated before and the successor itself is unspent; everything else ends the grant.
    /// </summary>
    ValueTask<RefreshDecision> RotateRefreshTokenAsync(RefreshAttempt attempt, CancellationToken cancellationToken);

    /// <summary>What is known of a refresh token; null where there is none of that hash. Changes nothing.</summary>
    ValueTask<RefreshTokenState?> FindRefreshTokenAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends a grant; false where there is none of that id or it had ended.</summary>
    ValueTask<bool> EndGrantAsync(string grantId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends all grants of a person, as after a change of password. Returns how many.</summary>
    ValueTask<int> EndGrantsOfSubjectAsync(string subject, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends the grants that a person gave in one session. Returns how many.</summary>
    ValueTask<int> EndGrantsOfSessionAsync(string subject, string sessionId, DateTimeOffset now, CancellationToken cancellationToken);
}
