using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Control.Tests.Identity.People;

/// <summary>What a person has by former sign-ins ends in one place.</summary>
public sealed class StandingTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task Sessions_and_grants_end_and_access_tokens_of_who_is_disabled(DatabaseKind kind)
    {
        foreach (var why in new[] { StandingEnd.PasswordChanged, StandingEnd.FactorsReset, StandingEnd.Disabled })
        {
            await using var node = await TestNode.StartAsync(kind);
            var (id, other) = (await node.AddAsync("ada"), await node.AddAsync("eve"));
            var sessions = new[] { PersonStoreTests.NewSession(id, node.Clock.GetUtcNow()), PersonStoreTests.NewSession(id, node.Clock.GetUtcNow()), PersonStoreTests.NewSession(other, node.Clock.GetUtcNow()) };
            foreach (var session in sessions) await node.Stores.Sessions.TryAddAsync(session, 5, None);
            var kept = why == StandingEnd.Disabled ? (SessionId?)null : sessions[1].Id;
            var calls = new Calls();
            node.Clock.Advance(TimeSpan.FromMinutes(1));

            await new Standing(node.Stores.Sessions, calls, calls, node.Clock).EndAsync(id, why, kept, None);

            Assert.Null(await node.Stores.Sessions.FindAsync(sessions[0].Id, None));
            Assert.Equal(kept is not null, await node.Stores.Sessions.FindAsync(sessions[1].Id, None) is not null);
            Assert.NotNull(await node.Stores.Sessions.FindAsync(sessions[2].Id, None));
            Assert.Null(await node.Stores.Sessions.TryAddAsync(PersonStoreTests.NewSession(id, node.Clock.GetUtcNow().AddSeconds(-1)), 5, None));
            Assert.Equal([id], calls.Subjects);
            Assert.Equal(why == StandingEnd.Disabled ? [new Revocation(RevocationKind.Subject, id, node.Clock.GetUtcNow())] : [], calls.Revocations);
        }
    }

    [Fact]
    public async Task Without_a_reason_nothing_ends_and_who_is_disabled_keeps_no_session()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var id = await node.AddAsync("ada");
        var session = PersonStoreTests.NewSession(id, node.Clock.GetUtcNow());
        await node.Stores.Sessions.TryAddAsync(session, 5, None);
        var standing = new Standing(node.Stores.Sessions, new Calls(), new Calls(), node.Clock);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => standing.EndAsync(id, StandingEnd.None, null, None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => standing.EndAsync(id, (StandingEnd)99, null, None));
        await Assert.ThrowsAsync<ArgumentException>(() => standing.EndAsync(id, StandingEnd.Disabled, session.Id, None));
        await Assert.ThrowsAsync<ArgumentException>(() => standing.EndAsync(string.Empty, StandingEnd.Disabled, null, None));
        Assert.NotNull(await node.Stores.Sessions.FindAsync(session.Id, None));
    }

    [Fact]
    public async Task What_came_of_ended_sessions_ends_grants_first_and_then_every_token_that_tells_them()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var calls = new Calls();
        var ended = new[] { "one", "two" }.Select(sid => new EndedSession(default, sid)).ToList();

        await new Standing(node.Stores.Sessions, calls, calls, node.Clock).EndTokensAsync("ada", ended, None);

        Assert.Equal(["ada one", "ada two"], calls.Subjects);
        Assert.Equal(ended.Select(session => new Revocation(RevocationKind.Session, session.Sid, node.Clock.GetUtcNow())), calls.Revocations);
    }

    private sealed class Calls : IGrantStore, IRevocationStore
    {
        public List<string> Subjects { get; } = [];

        public List<Revocation> Revocations { get; } = [];

        public ValueTask<int> EndGrantsOfSubjectAsync(string subject, DateTimeOffset now, CancellationToken cancellationToken)
        {
            Subjects.Add(subject);
            return new(1);
        }

        public ValueTask AddAsync(Revocation revocation, CancellationToken cancellationToken)
        {
            Revocations.Add(revocation);
            return default;
        }

        public ValueTask<int> EndGrantsOfSessionAsync(string subject, string sessionId, DateTimeOffset now, CancellationToken cancellationToken)
        {
            Subjects.Add($"{subject} {sessionId}");
            return new(1);
        }

        // What ending a standing does not call.
        public ValueTask<bool> AddCodeAsync(AuthorizationCode code, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<CodeRedemption> RedeemCodeAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> AddRefreshTokenAsync(string grantId, ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<RefreshDecision> RotateRefreshTokenAsync(RefreshAttempt attempt, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<RefreshTokenState?> FindRefreshTokenAsync(ReadOnlyMemory<byte> hash, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> EndGrantAsync(string grantId, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<RevocationReading> ReadAsync(long cursor, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
