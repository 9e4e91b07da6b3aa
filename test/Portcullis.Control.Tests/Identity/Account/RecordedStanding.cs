using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>Remembers whose grants were ended, what was revoked and what was raised; has no grants.</summary>
internal sealed class RecordedStanding : IGrantStore, IRevocationStore, ISecurityEvents
{
    public ConcurrentQueue<string> EndedGrants { get; } = new();

    public ConcurrentQueue<(string Subject, string Sid)> EndedSessions { get; } = new();

    public ConcurrentQueue<Revocation> Revocations { get; } = new();

    public ConcurrentQueue<SecurityEvent> Events { get; } = new();

    public IEnumerable<SecurityEventKind> Kinds => Events.Select(one => one.Kind);

    public void Raise(SecurityEvent securityEvent) => Events.Enqueue(securityEvent);

    public ValueTask<int> EndGrantsOfSubjectAsync(string subject, DateTimeOffset now, CancellationToken cancellationToken)
    {
        EndedGrants.Enqueue(subject);
        return new(1);
    }

    public ValueTask<int> EndGrantsOfSessionAsync(string subject, string sessionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        EndedSessions.Enqueue((subject, sessionId));
        return new(1);
    }

    public ValueTask<bool> AddCodeAsync(AuthorizationCode code, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<CodeRedemption> RedeemCodeAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> AddRefreshTokenAsync(string grantId, ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<RefreshDecision> RotateRefreshTokenAsync(RefreshAttempt attempt, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<RefreshTokenState?> FindRefreshTokenAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<bool> EndGrantAsync(string grantId, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask AddAsync(Revocation revocation, CancellationToken cancellationToken)
    {
        Revocations.Enqueue(revocation);
        return default;
    }

    public ValueTask<RevocationReading> ReadAsync(long cursor, CancellationToken cancellationToken) => throw new NotSupportedException();
}
