using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Control.Tests.Identity.Grants;

/// <summary>No revocation is missed, in whatever order they are committed.</summary>
public sealed class RevocationReadingTests
{
    private static CancellationToken None => CancellationToken.None;

    // SQLite lets one write at a time: there the second waits, and nothing is committed late.
    [Fact]
    public async Task Who_began_first_and_commits_last_is_read()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var store = await database.OpenAsync();
        var grants = new GrantStore(store, TimeProvider.System);
        await using var slow = await OpenTransaction.BeginAsync(store, "slow");
        await using var slower = await OpenTransaction.BeginAsync(store, "slower");
        await grants.AddAsync(Token("fast"), None);

        var first = await grants.ReadAsync(0, None);
        Assert.Equal(["fast"], Ids(first));
        await slow.CommitAsync();
        var second = await grants.ReadAsync(first.Cursor, None);
        Assert.Contains("slow", Ids(second));
        Assert.DoesNotContain("slower", Ids(second));
        await grants.AddAsync(Token("last"), None);
        var third = await grants.ReadAsync(second.Cursor, None);
        await slower.CommitAsync();
        var fourth = await grants.ReadAsync(third.Cursor, None);
        Assert.Contains("slower", Ids(fourth));

        // Once nobody is at work any more, nothing is read twice.
        Assert.Contains("last", Ids(third));
        await NothingIsLeftAsync(grants, fourth.Cursor);
    }

    [Fact]
    public async Task A_transaction_that_is_rolled_back_holds_nothing_up()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var store = await database.OpenAsync();
        var grants = new GrantStore(store, TimeProvider.System);
        var cursor = 0L;
        await using (await OpenTransaction.BeginAsync(store, "undone"))
        {
            await grants.AddAsync(Token("done"), None);
            cursor = (await grants.ReadAsync(cursor, None)).Cursor;
        }

        var after = await grants.ReadAsync(cursor, None);
        Assert.DoesNotContain("undone", Ids(after));
        await NothingIsLeftAsync(grants, after.Cursor);
    }

    [Fact]
    public async Task A_cursor_that_is_ahead_of_the_server_reads_everything()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var grants = new GrantStore(await database.OpenAsync(), TimeProvider.System);
        await grants.AddAsync(Token("one"), None);

        // As of a cluster that this one was restored from.
        var reading = await grants.ReadAsync(long.MaxValue, None);

        Assert.Equal(["one"], Ids(reading));
        await NothingIsLeftAsync(grants, reading.Cursor);
    }

    [Theory]
    [OnBothDatabases]
    public async Task What_is_added_after_all_was_removed_is_read(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var (store, clock) = (await database.OpenAsync(), new ManualTimeProvider());
        var grants = new GrantStore(store, clock);
        await using var upkeep = new GrantUpkeep(store, clock, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var cursor = 0L;
        for (var i = 0; i < 3; i++)
        {
            await grants.AddAsync(new Revocation(RevocationKind.Token, $"t{i}", clock.GetUtcNow()) { Until = clock.GetUtcNow().AddMinutes(1) }, None);
            var reading = await grants.ReadAsync(cursor, None);
            Assert.Contains($"t{i}", Ids(reading));
            cursor = reading.Cursor;
            clock.Advance(TimeSpan.FromMinutes(2));
            await upkeep.SweepAsync(None);
            Assert.Equal(0, await store.UseAsync(context => context.Revocations.CountAsync()));
        }
    }

    [Theory]
    [OnBothDatabases]
    public async Task Of_many_writers_on_two_nodes_none_is_missed_by_a_reader_that_follows(DatabaseKind kind)
    {
        // SQLite has its writers wait for one another, and gives up on who waited for five seconds.
        var (writers, each) = kind == DatabaseKind.Postgres ? (8, 25) : (3, 10);
        await using var database = await TestDatabase.CreateAsync(kind);
        Store[] stores = [await database.OpenAsync(), await database.OpenAsync()];
        var (read, reader, cursor) = (new ConcurrentDictionary<string, bool>(), new GrantStore(await database.OpenAsync(), TimeProvider.System), 0L);
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                // Some commit at once, some take their number and then do other things.
                await using var transaction = await OpenTransaction.BeginAsync(stores[writer % 2], $"{writer} {i}");
                for (var pause = 0; pause < (writer * i) % 7; pause++) await Task.Yield();
                if (kind == DatabaseKind.Postgres && i % 5 == writer % 5) await stores[0].UseAsync(context => context.Revocations.CountAsync());
                await transaction.CommitAsync();
            }
        })));

        var isLast = false;
        while (true)
        {
            var reading = await reader.ReadAsync(cursor, None);
            cursor = reading.Cursor;
            foreach (var id in Ids(reading)) read[id] = true;
            if (isLast) break;
            isLast = writing.IsCompleted;
        }

        await writing.WithPatience();
        Assert.Equal(writers * each, read.Count);
    }

    // The horizon is that of the server: transactions of other databases on it, as of other tests, hold it up, and what is behind it is read again.
    private static Task NothingIsLeftAsync(GrantStore grants, long cursor)
        => Eventually.HoldsAsync(async () =>
        {
            var reading = await grants.ReadAsync(cursor, None);
            cursor = reading.Cursor;
            return reading.Revocations.Count == 0;
        }, "nothing is left to read");

    private static Revocation Token(string id) => new(RevocationKind.Token, id, TimeProvider.System.GetUtcNow());

    private static IEnumerable<string> Ids(RevocationReading reading) => reading.Revocations.Select(revocation => revocation.Id);

    /// <summary>A revocation that is written and not committed.</summary>
    private sealed class OpenTransaction(StoreContext context, Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction) : IAsyncDisposable
    {
        public static async Task<OpenTransaction> BeginAsync(Store store, string id)
        {
            var context = store.CreateDbContext();
            var begun = new OpenTransaction(context, await context.Database.BeginTransactionAsync());
            context.Revocations.Add(GrantRows.ToRow(Token(id)));
            await context.SaveChangesAsync();
            return begun;
        }

        public Task CommitAsync() => transaction.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await context.DisposeAsync();
        }
    }
}
