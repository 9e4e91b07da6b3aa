using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Control.Tests.Identity.Grants;

/// <summary>
/// Another process that issues codes and refreshes tokens, several at once, and is killed in the midst of it, again and again: nothing that it answered is
/// lost, and nothing counts twice.
/// </summary>
public sealed class KilledNodeTests
{
    private const string Place = "PORTCULLIS_TEST_NODE_DATA";
    private const string Server = "PORTCULLIS_TEST_NODE_POSTGRES";
    private const string Ada = "0198f0a1c2d37e4f8a9b0c1d2e3f4a5b";
    private const int Rounds = 4;
    private const int Workers = 4;

    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task What_was_answered_counts_and_nothing_counts_twice(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        await TestPeople.AddAsync(store, Ada);
        var log = System.IO.Path.Combine(database.Data.Path, "answered");
        File.WriteAllText(log, string.Empty);
        for (var round = 0; round < Rounds; round++)
        {
            var before = new FileInfo(log).Length;
            var more = RandomNumberGenerator.GetInt32(2_000, 20_000);
            using var node = Start(database, log);
            await Eventually.HoldsAsync(() => Task.FromResult(new FileInfo(log).Length > before + more || node.HasExited), "the node works");
            Assert.False(node.HasExited, "the node ended by itself");
            node.Kill();
            await node.WaitForExitAsync().WithPatience();
        }

        // The line that was being written may be cut: it told nobody anything.
        var answers = (await File.ReadAllTextAsync(log)).Split('\n').Select(line => line.Split(' ')).Where(words => words is [_, { Length: 64 }, { Length: 64 }]).ToList();
        var now = TimeProvider.System.GetUtcNow();
        var grants = new GrantStore(await database.OpenAsync(), TimeProvider.System);
        var rows = await store.UseAsync(async context => new
        {
            Grants = await context.Grants.ToDictionaryAsync(grant => grant.Id),
            Tokens = await context.RefreshTokens.ToDictionaryAsync(token => Convert.ToHexString(token.Hash)),
            Codes = await context.AuthorizationCodes.ToDictionaryAsync(code => Convert.ToHexString(code.Hash)),
            Revocations = await context.Revocations.Select(revocation => revocation.Value).ToListAsync(),
        });

        // 1. What was answered is there.
        Assert.True(answers.Count(words => words[0] == "rotated") > 20, $"{answers.Count} answers");
        Assert.True(answers.Exists(words => words[0] == "ended"));
        foreach (var words in answers)
        {
            switch (words[0])
            {
                case "code":
                    Assert.Contains(words[1], rows.Codes);
                    break;
                case "redeemed":
                    Assert.NotNull(rows.Codes[words[1]].Spent);
                    Assert.Equal(1, answers.Count(other => other[0] == "redeemed" && other[1] == words[1]));
                    break;
                case "first":
                    Assert.Contains(words[2], rows.Tokens);
                    break;
                case "rotated":
                    Assert.NotNull(rows.Tokens[words[1]].Spent);
                    Assert.Equal(words[2], Convert.ToHexString(rows.Tokens[words[1]].SuccessorHash!));
                    Assert.Contains(words[2], rows.Tokens);
                    Assert.Equal(1, answers.Count(other => other[0] == "rotated" && other[1] == words[1]));
                    break;
                case "ended":
                    Assert.NotNull(rows.Grants[rows.Codes[words[1]].GrantId].Ended);
                    break;
            }
        }

        // 2. Nothing is half there: a chain of tokens for each grant, with one end; a revocation for each that ended, and for no other.
        foreach (var grant in rows.Grants.Values)
        {
            var tokens = rows.Tokens.Values.Where(token => token.GrantId == grant.Id).ToList();
            Assert.Equal(grant.Tokens, tokens.Count);
            Assert.Equal(Math.Min(1, tokens.Count), tokens.Count(token => token.Spent is null));
            Assert.Equal(tokens.Count(token => token.Spent is not null), tokens.Count(token => token.SuccessorHash is { } next && rows.Tokens.ContainsKey(Convert.ToHexString(next))));
            Assert.Equal(grant.Ended is null ? 0 : 1, rows.Revocations.Count(value => value == grant.Id));
        }

        Assert.Equal(rows.Grants.Values.Count(grant => grant.Ended is not null), rows.Revocations.Count);

        // 3. A spent one stays spent for the next node: whatever comes a second time ends its grant.
        var (_, spent, _) = answers.Where(words => words[0] == "rotated").Select(words => (words[0], words[1], words[2])).Last();
        Assert.Contains((await grants.RotateRefreshTokenAsync(Attempt(Convert.FromHexString(spent), now.AddMinutes(1)), None)).Outcome, new[] { RefreshOutcome.Replayed, RefreshOutcome.Ended });
        var redeemed = answers.Last(words => words[0] == "redeemed")[1];
        Assert.Equal(CodeRedemptionOutcome.Replayed, (await grants.RedeemCodeAsync(Convert.FromHexString(redeemed), now, None)).Outcome);
    }

    /// <summary>The other process: this test alone, started by the one above.</summary>
    [Fact(Explicit = true)]
    public async Task Worker()
    {
        var path = Environment.GetEnvironmentVariable(Place);
        if (path is null) Assert.Skip("started by another test");
        var postgres = Environment.GetEnvironmentVariable(Server);
        await using var store = await Store.OpenAsync(DataDirectory.OpenExisting(path), new StorageOptions { Postgres = postgres is null ? null : Secret.FromText(postgres) });
        var grants = new GrantStore(store, TimeProvider.System);
        await using var log = new FileStream(System.IO.Path.Combine(path, "answered"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            for (var i = worker; ; i++) await LiveAsync(grants, i, (what, one, two) => Tell(log, what, one, two));
        })));
    }

    private static async Task LiveAsync(GrantStore grants, int number, Action<string, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> tell)
    {
        var (code, token) = (Code(), (ReadOnlyMemory<byte>)Hash());
        await grants.AddCodeAsync(code, None);
        tell("code", code.Hash, default);
        Assert.True((await grants.RedeemCodeAsync(code.Hash, TimeProvider.System.GetUtcNow(), None)).IsRedeemed);
        tell("redeemed", code.Hash, default);
        Assert.True(await grants.AddRefreshTokenAsync(code.Grant.Id, token, TimeProvider.System.GetUtcNow(), None));
        tell("first", code.Hash, token);
        for (var i = 0; i < 5; i++)
        {
            var attempt = Attempt(token, TimeProvider.System.GetUtcNow());
            Assert.Equal(RefreshOutcome.Rotated, (await grants.RotateRefreshTokenAsync(attempt, None)).Outcome);
            tell("rotated", token, attempt.SuccessorHash);
            token = attempt.SuccessorHash;
        }

        if (number % 3 != 0) return;
        Assert.Equal(CodeRedemptionOutcome.Replayed, (await grants.RedeemCodeAsync(code.Hash, TimeProvider.System.GetUtcNow(), None)).Outcome);
        tell("ended", code.Hash, default);
    }

    private static void Tell(FileStream log, string what, ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> two)
    {
        // One write, at the end of the file whoever else writes.
        var line = string.Create(CultureInfo.InvariantCulture, $"{what} {Convert.ToHexString(one.Span)} {(two.IsEmpty ? new string('0', 64) : Convert.ToHexString(two.Span))}\n");
        lock (log) log.Write(Encoding.ASCII.GetBytes(line));
    }

    private static Process Start(TestDatabase database, string log)
    {
        var program = System.IO.Path.Combine(AppContext.BaseDirectory, "Portcullis.Control.Tests");
        var start = new ProcessStartInfo(program, ["-noColor", "-explicit", "only", "-method", $"{typeof(KilledNodeTests).FullName}.{nameof(Worker)}"])
        {
            WorkingDirectory = System.IO.Path.GetDirectoryName(log)!,
            RedirectStandardOutput = true,
        };
        start.Environment[Place] = database.Data.Path;
        if (database.Options.Postgres is { } postgres) start.Environment[Server] = postgres.Reveal();
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static byte[] Hash() => RandomNumberGenerator.GetBytes(32);

    private static AuthorizationCode Code() => new()
    {
        Hash = Hash(),
        Grant = new Grant
        {
            Id = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
            ClientId = "app",
            Subject = Ada,
            Scope = ["openid"],
            Authentication = new AuthenticationEvent(TimeProvider.System.GetUtcNow(), ["pwd"]),
            ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(30),
        },
        RedirectUri = "https://app.example/cb",
        Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(60),
    };

    private static RefreshAttempt Attempt(ReadOnlyMemory<byte> token, DateTimeOffset now) => new()
    {
        PresentedHash = token,
        ClientId = "app",
        Evidence = new byte[] { 1, 2, 3 },
        SuccessorHash = Hash(),
        SealedSuccessor = RandomNumberGenerator.GetBytes(80),
        Now = now,
        Grace = TimeSpan.FromSeconds(10),
    };
}
