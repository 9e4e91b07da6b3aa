using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Control.Identity.Clients;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Trust.Tokens;

namespace Portcullis.Control.Tests.Identity.Grants;

/// <summary>What is removed, and above all what is not.</summary>
public sealed class GrantUpkeepTests
{
    private const string Ada = "0198f0a1c2d37e4f8a9b0c1d2e3f4a5b";

    private static readonly TimeSpan Life = TimeSpan.FromDays(30);
    private readonly ManualTimeProvider clock = new();

    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task A_grant_goes_with_all_its_tokens_a_day_after_its_end_and_not_before(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var (store, grants, upkeep) = await OpenAsync(database);
        var token = await BeginAsync(grants);
        var first = Attempt(token);
        await grants.RotateRefreshTokenAsync(first, None);

        clock.Advance(Life);
        await upkeep.SweepAsync(None);
        Assert.Equal(RefreshOutcome.Ended, (await grants.RotateRefreshTokenAsync(Attempt(token), None)).Outcome);

        clock.Advance(GrantUpkeep.GrantMemory - TimeSpan.FromSeconds(1));
        await upkeep.SweepAsync(None);
        Assert.Equal((1, 1, 2), await CountAsync(store));

        clock.Advance(TimeSpan.FromSeconds(2));
        await upkeep.SweepAsync(None);
        Assert.Equal((0, 0, 0), await CountAsync(store));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_spent_token_is_known_as_long_as_its_grant_lives(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var (store, grants, upkeep) = await OpenAsync(database);
        var token = await BeginAsync(grants);
        var last = Attempt(token);
        await grants.RotateRefreshTokenAsync(last, None);
        clock.Advance(Life - TimeSpan.FromHours(1));
        await upkeep.SweepAsync(None);

        Assert.Equal(RefreshOutcome.Replayed, (await grants.RotateRefreshTokenAsync(Attempt(token), None)).Outcome);
        Assert.False((await grants.FindRefreshTokenAsync(last.SuccessorHash, clock.GetUtcNow(), None))!.IsUsable);

        // Ended, it is known a day longer, and its revocation as long as a token can live.
        clock.Advance(Revocation.Longest - TimeSpan.FromSeconds(1));
        await upkeep.SweepAsync(None);
        Assert.Single((await grants.ReadAsync(0, None)).Revocations);
        Assert.Equal((1, 1, 2), await CountAsync(store));
        clock.Advance(GrantUpkeep.GrantMemory);
        await upkeep.SweepAsync(None);
        Assert.Equal((0, 0, 0), await CountAsync(store));
        Assert.Equal(0, await store.UseAsync(context => context.Revocations.CountAsync()));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_grant_that_never_got_a_refresh_token_goes_after_a_day(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var (store, grants, upkeep) = await OpenAsync(database);
        var code = Code();
        await grants.AddCodeAsync(code, None);
        await grants.RedeemCodeAsync(code.Hash, clock.GetUtcNow(), None);
        await BeginAsync(grants);

        clock.Advance(GrantUpkeep.GrantMemory - TimeSpan.FromSeconds(1));
        await upkeep.SweepAsync(None);
        Assert.Equal(CodeRedemptionOutcome.Replayed, (await grants.RedeemCodeAsync(code.Hash, clock.GetUtcNow(), None)).Outcome);

        clock.Advance(TimeSpan.FromSeconds(2));
        await upkeep.SweepAsync(None);
        Assert.Equal((1, 1, 1), await CountAsync(store));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_successor_is_kept_for_its_grace_and_no_longer(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var (store, grants, upkeep) = await OpenAsync(database);
        var token = await BeginAsync(grants);
        await grants.RotateRefreshTokenAsync(Attempt(token), None);

        clock.Advance(TimeSpan.FromSeconds(10));
        await upkeep.SweepAsync(None);
        Assert.Equal(1, await SuccessorsAsync());
        clock.Advance(GrantUpkeep.SuccessorLife);
        await upkeep.SweepAsync(None);
        Assert.Equal(0, await SuccessorsAsync());

        // Taken away, it is not given: the late second use ends the grant.
        Assert.Equal(RefreshOutcome.Replayed, (await grants.RotateRefreshTokenAsync(Attempt(token), None)).Outcome);

        Task<int> SuccessorsAsync() => store.UseAsync(context => context.RefreshTokens.CountAsync(one => one.Successor != null));
    }

    [Theory]
    [OnBothDatabases]
    public async Task More_rows_than_a_batch_are_removed_and_the_others_stay(DatabaseKind kind)
    {
        const int many = (2 * GrantUpkeep.Batch) + 7;
        await using var database = await TestDatabase.CreateAsync(kind);
        var (store, grants, upkeep) = await OpenAsync(database);
        var now = clock.GetUtcNow();
        await store.UseAsync(context =>
        {
            for (var i = 0; i < many; i++)
            {
                context.Revocations.Add(GrantRows.ToRow(new Revocation(RevocationKind.Token, $"{i}", now) { Until = now.AddMinutes(1) }));
                context.ClientAssertions.Add(new() { ClientId = "c", IdHash = RandomNumberGenerator.GetBytes(32), Until = now.AddMinutes(1) });
            }

            return context.SaveChangesAsync();
        });
        await grants.AddAsync(new Revocation(RevocationKind.Token, "stays", now), None);
        var (seen, digest) = (new AssertionsSeen(store), RandomNumberGenerator.GetBytes(32));
        await seen.TryAddAsync("c", digest, now.AddMinutes(10), None);

        clock.Advance(TimeSpan.FromMinutes(1) + GrantUpkeep.Skew + TimeSpan.FromSeconds(1));
        await upkeep.SweepAsync(None);

        Assert.Equal("stays", Assert.Single((await grants.ReadAsync(0, None)).Revocations).Id);
        Assert.Equal(1, await store.UseAsync(context => context.ClientAssertions.CountAsync()));
        Assert.False(await seen.TryAddAsync("c", digest, now.AddMinutes(10), None));
    }

    [Fact]
    public async Task A_failure_is_told_once_and_the_upkeep_goes_on()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var store = await database.OpenAsync();
        var log = new RecordingLog();
        await database.SqlAsync("ALTER TABLE client_assertions RENAME TO gone");
        await using var upkeep = GrantUpkeep.Start(store, clock, log);
        await Eventually.HoldsAsync(() => clock.ArmedTimers == 1, "it waits");

        for (var i = 0; i < 3; i++) await LookAsync();
        await Eventually.HoldsAsync(() => log.Events.Contains(2211), "the failure is told");
        await database.SqlAsync("ALTER TABLE gone RENAME TO client_assertions");
        await Eventually.HoldsAsync(
            async () =>
            {
                await LookAsync();
                return log.Events.Contains(2212);
            },
            "the recovery is told");

        Assert.Equal([2211, 2212], log.Events);

        Task LookAsync()
        {
            clock.Advance(GrantUpkeep.Interval);
            return Task.CompletedTask;
        }
    }

    private async Task<(Store Store, GrantStore Grants, GrantUpkeep Upkeep)> OpenAsync(TestDatabase database)
    {
        var store = await database.OpenAsync();
        await TestPeople.AddAsync(store, Ada);
        return (store, new GrantStore(store, clock), new GrantUpkeep(store, clock, NullLoggerFactory.Instance));
    }

    private async Task<ReadOnlyMemory<byte>> BeginAsync(GrantStore grants)
    {
        var (code, token) = (Code(), RandomNumberGenerator.GetBytes(32));
        await grants.AddCodeAsync(code, None);
        Assert.True((await grants.RedeemCodeAsync(code.Hash, clock.GetUtcNow(), None)).IsRedeemed);
        Assert.True(await grants.AddRefreshTokenAsync(code.Grant.Id, token, clock.GetUtcNow(), None));
        return token;
    }

    private static Task<(int Grants, int Codes, int Tokens)> CountAsync(Store store) => store.UseAsync(async context
        => (await context.Grants.CountAsync(), await context.AuthorizationCodes.CountAsync(), await context.RefreshTokens.CountAsync()));

    private AuthorizationCode Code() => new()
    {
        Hash = RandomNumberGenerator.GetBytes(32),
        Grant = new Grant
        {
            Id = Guid.NewGuid().ToString("N"),
            ClientId = "app",
            Subject = Ada,
            Scope = ["openid"],
            Authentication = new AuthenticationEvent(clock.GetUtcNow(), ["pwd"]),
            ExpiresAt = clock.GetUtcNow() + Life,
        },
        RedirectUri = "https://app.example/cb",
        Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ExpiresAt = clock.GetUtcNow().AddSeconds(60),
    };

    private RefreshAttempt Attempt(ReadOnlyMemory<byte> token) => new()
    {
        PresentedHash = token,
        ClientId = "app",
        Evidence = new byte[] { 1 },
        SuccessorHash = RandomNumberGenerator.GetBytes(32),
        SealedSuccessor = RandomNumberGenerator.GetBytes(80),
        Now = clock.GetUtcNow(),
        Grace = TimeSpan.FromSeconds(10),
    };

    private sealed class RecordingLog : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<int> Events { get; } = new();

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Events.Enqueue(eventId.Id);

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
