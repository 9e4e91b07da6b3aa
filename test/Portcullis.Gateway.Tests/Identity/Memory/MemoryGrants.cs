using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Gateway.Tests.Identity.Memory;

/// <summary>Grants and revocations in memory: what the contracts ask for, in the fewest lines.</summary>
internal sealed class MemoryGrants : IGrantStore, IRevocationStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, GrantRow> grants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CodeRow> codes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TokenRow> tokens = new(StringComparer.Ordinal);
    private readonly List<Revocation> revocations = [];

    /// <summary>Whether reading revocations fails.</summary>
    public bool IsBroken { get; set; }

    public ValueTask<bool> AddCodeAsync(AuthorizationCode code, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var grant = grants[code.Grant.Id] = new GrantRow { Grant = code.Grant };
            codes.Add(Key(code.Hash), new CodeRow { Code = code, Row = grant });
        }

        return new(true);
    }

    public ValueTask<CodeRedemption> RedeemCodeAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!codes.TryGetValue(Key(hash), out var row)) return new(default(CodeRedemption));
            if (row.IsSpent)
            {
                End(row.Row, now);
                return new(new CodeRedemption(CodeRedemptionOutcome.Replayed, row.Code));
            }

            if (now >= row.Code.ExpiresAt || row.Row.HasEnded(now)) return new(new CodeRedemption(CodeRedemptionOutcome.Expired, null));
            row.IsSpent = true;
            return new(new CodeRedemption(CodeRedemptionOutcome.Redeemed, row.Code));
        }
    }

    public ValueTask<bool> AddRefreshTokenAsync(string grantId, ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!grants.TryGetValue(grantId, out var grant) || grant.HasEnded(now) || tokens.Values.Any(token => token.Row == grant)) return new(false);
            tokens.Add(Key(hash), new TokenRow { Row = grant });
            return new(true);
        }
    }

    public ValueTask<RefreshDecision> RotateRefreshTokenAsync(RefreshAttempt attempt, CancellationToken cancellationToken)
    {
        lock (gate) return new(Rotate(attempt));
    }

    public ValueTask<RefreshTokenState?> FindRefreshTokenAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (gate) return new(tokens.TryGetValue(Key(hash), out var token) ? new RefreshTokenState(token.Row.Grant, token.SpentAt is null && !token.Row.HasEnded(now)) : null);
    }

    public ValueTask<bool> EndGrantAsync(string grantId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (gate) return new(grants.TryGetValue(grantId, out var grant) && End(grant, now));
    }

    public ValueTask<int> EndGrantsOfSubjectAsync(string subject, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (gate) return new(grants.Values.Count(grant => grant.Grant.Subject == subject && End(grant, now)));
    }

    public ValueTask<int> EndGrantsOfSessionAsync(string subject, string sessionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (gate) return new(grants.Values.Count(grant => grant.Grant.Subject == subject && grant.Grant.SessionId == sessionId && End(grant, now)));
    }

    public ValueTask AddAsync(Revocation revocation, CancellationToken cancellationToken)
    {
        lock (gate) revocations.Add(revocation);
        return default;
    }

    public ValueTask<RevocationReading> ReadAsync(long cursor, CancellationToken cancellationToken)
    {
        if (IsBroken) throw new IOException("the store is away");
        lock (gate) return new(new RevocationReading([.. revocations.Skip((int)cursor)], revocations.Count));
    }

    private RefreshDecision Rotate(RefreshAttempt attempt)
    {
        if (!tokens.TryGetValue(Key(attempt.PresentedHash), out var token)) return default;

        var grant = token.Row;
        if (grant.Grant.ClientId != attempt.ClientId)
        {
            End(grant, attempt.Now);
            return new(RefreshOutcome.WrongClient, grant.Grant, default);
        }

        if (grant.HasEnded(attempt.Now)) return new(RefreshOutcome.Ended, grant.Grant, default);
        if (token.SpentAt is not { } spentAt)
        {
            token.SpentAt = attempt.Now;
            token.Evidence = attempt.Evidence.ToArray();
            token.Sealed = attempt.SealedSuccessor.ToArray();
            tokens.Add(Key(attempt.SuccessorHash), token.Successor = new TokenRow { Row = grant });
            return new(RefreshOutcome.Rotated, grant.Grant, default);
        }

        var age = attempt.Now - spentAt;
        var sealedText = token.Sealed;
        token.Sealed = null;
        if (sealedText is not null && age >= TimeSpan.Zero && age <= attempt.Grace && token.Successor!.SpentAt is null && attempt.Evidence.Span.SequenceEqual(token.Evidence))
            return new(RefreshOutcome.Repeated, grant.Grant, sealedText);

        End(grant, attempt.Now);
        return new(RefreshOutcome.Replayed, grant.Grant, default);
    }

    private bool End(GrantRow grant, DateTimeOffset now)
    {
        if (grant.EndedAt is not null) return false;
        grant.EndedAt = now;
        revocations.Add(new Revocation(RevocationKind.Grant, grant.Grant.Id, now));
        return true;
    }

    private static string Key(ReadOnlyMemory<byte> hash) => Convert.ToHexString(hash.Span);

    private sealed class GrantRow
    {
        public required Grant Grant { get; init; }

        public DateTimeOffset? EndedAt { get; set; }

        public bool HasEnded(DateTimeOffset now) => EndedAt is not null || now >= Grant.ExpiresAt;
    }

    private sealed class CodeRow
    {
        public required AuthorizationCode Code { get; init; }

        public required GrantRow Row { get; init; }

        public bool IsSpent { get; set; }
    }

    private sealed class TokenRow
    {
        public required GrantRow Row { get; init; }

        public DateTimeOffset? SpentAt { get; set; }

        public byte[]? Evidence { get; set; }

        public byte[]? Sealed { get; set; }

        public TokenRow? Successor { get; set; }
    }
}
