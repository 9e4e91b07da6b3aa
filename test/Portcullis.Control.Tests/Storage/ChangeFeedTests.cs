using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Control.Storage;

namespace Portcullis.Control.Tests.Storage;

/// <summary>Notices of changes, on both databases.</summary>
public sealed class ChangeFeedTests
{
    private const string Everything = "(everything)";
    private const string Topic = "test";

    [Theory]
    [OnBothDatabases]
    public async Task A_change_through_one_store_is_told_to_the_other_within_a_second(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var writer = await database.OpenAsync();
        await using var reader = await Reader.StartAsync(await database.OpenAsync());
        await AnnounceAsync(writer, Topic, "warm up");
        await reader.GotAsync("warm up");
        var fastest = TimeSpan.MaxValue;

        for (var i = 0; i < 5; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await AnnounceAsync(writer, Topic, $"key {i}");
            await reader.GotAsync($"key {i}");
            var took = Stopwatch.GetElapsedTime(started);
            if (took < fastest) fastest = took;
        }

        Assert.True(fastest < TimeSpan.FromSeconds(1), $"{fastest}");
        Assert.Equal([Everything, "warm up", "key 0", "key 1", "key 2", "key 3", "key 4"], reader.Got);
    }

    [Theory]
    [OnBothDatabases]
    public async Task Each_hears_of_its_own_topic_alone_and_of_no_more_once_it_has_left(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        await using var reader = await Reader.StartAsync(store);
        var others = new ConcurrentQueue<string>();
        var other = reader.Feed.Subscribe("other", (key, _) =>
        {
            others.Enqueue(key ?? Everything);
            return default;
        });

        // Who comes later is told at first, too.
        await Eventually.HoldsAsync(() => !others.IsEmpty, "the second is told of everything");
        await AnnounceAsync(store, "other", "theirs");
        await AnnounceAsync(store, Topic, "ours");
        await reader.GotAsync("ours");
        other.Dispose();
        await AnnounceAsync(store, "other", "late");
        await AnnounceAsync(store, Topic, null);
        await Eventually.HoldsAsync(() => reader.Got.Count == 3, "everything is told by a notice without a key");

        Assert.Equal([Everything, "ours", Everything], reader.Got);
        Assert.Equal([Everything, "theirs"], others);
    }

    [Theory]
    [OnBothDatabases]
    public async Task What_is_rolled_back_is_not_told(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        await using var reader = await Reader.StartAsync(store);

        await using (var context = store.CreateDbContext())
        {
            await using var transaction = await context.Database.BeginTransactionAsync();
            context.Announce(Topic, "undone");
            await context.SaveChangesAsync();
            await transaction.RollbackAsync();
        }

        await AnnounceAsync(store, Topic, "done");
        await reader.GotAsync("done");

        Assert.DoesNotContain("undone", reader.Got);
    }

    [Theory]
    [OnBothDatabases]
    public async Task More_notices_than_are_read_at_once_are_a_change_of_everything(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        await using var reader = await Reader.StartAsync(store);

        await store.UseAsync(context =>
        {
            for (var i = 0; i < 2500; i++) context.Announce(Topic, $"{i}");
            return context.SaveChangesAsync();
        });
        await Eventually.HoldsAsync(() => reader.Got.Skip(1).Contains(Everything), "everything is told");
        await AnnounceAsync(store, Topic, "after");
        await reader.GotAsync("after");
    }

    [Theory]
    [OnBothDatabases]
    public async Task What_a_listener_throws_is_tried_again_with_everything(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        await using var reader = await Reader.StartAsync(store);
        reader.ThrowAt = "bad";

        await AnnounceAsync(store, Topic, "bad");

        await Eventually.HoldsAsync(() => reader.Got.Count(key => key == Everything) == 2, "everything is told again");
        await AnnounceAsync(store, Topic, "good");
        await reader.GotAsync("good");
    }

    [Fact]
    public async Task A_connection_that_breaks_is_made_anew_and_nothing_is_taken_as_current_meanwhile()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var store = await database.OpenAsync();
        await using var reader = await Reader.StartAsync(store);
        Assert.True(reader.Feed.IsCurrent);

        await database.SqlElsewhereAsync("ALTER DATABASE " + Name(database) + " ALLOW_CONNECTIONS false");
        await database.SqlElsewhereAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name(database)}'");
        await Eventually.HoldsAsync(() => !reader.Feed.IsCurrent, "the feed is no longer current");

        await database.SqlElsewhereAsync("ALTER DATABASE " + Name(database) + " ALLOW_CONNECTIONS true");
        await Eventually.HoldsAsync(() => reader.Feed.IsCurrent && reader.Got.Count(key => key == Everything) == 2, "the feed is current again");
        await AnnounceAsync(store, Topic, "after");
        await reader.GotAsync("after");
    }

    [Fact]
    public async Task A_feed_that_could_not_look_for_a_second_is_not_current()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var clock = new ManualTimeProvider();
        var store = await database.OpenAsync();
        await using var reader = await Reader.StartAsync(store, clock);
        Assert.True(reader.Feed.IsCurrent);

        // As after a pause of the process: the clock went on, and the look is held up by a listener.
        reader.Hold();
        await AnnounceAsync(store, Topic, "held");
        await Eventually.HoldsAsync(() => clock.HasTimer(ChangeFeed.Interval), "the feed waits for its next look");
        var advance = Task.Run(() => clock.Advance(ChangeFeed.Interval));
        await Eventually.HoldsAsync(() => clock.ArmedTimers == 0, "the look is under way");
        clock.Advance(2 * ChangeFeed.Freshness);
        Assert.False(reader.Feed.IsCurrent);
        reader.Release();
        await advance.WithPatience();
    }

    // Whoever may connect may notify; at worst somebody reads once more.
    [Fact]
    public async Task Notices_of_strangers_do_no_harm()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var store = await database.OpenAsync();
        await using var reader = await Reader.StartAsync(store);

        foreach (var payload in (string[])["", " ", "test", "unknown key", new string('x', 7000)]) await database.SqlAsync($"NOTIFY portcullis_changes, '{payload}'");
        await AnnounceAsync(store, Topic, "after");
        await reader.GotAsync("after");

        Assert.Equal([Everything, Everything, "after"], reader.Got);
    }

    private static string Name(TestDatabase database) => new Npgsql.NpgsqlConnectionStringBuilder(database.Options.Postgres!.Reveal()).Database!;

    private static Task<int> AnnounceAsync(Store store, string topic, string? key) => store.UseAsync(context =>
    {
        context.Announce(topic, key);
        return context.SaveChangesAsync();
    });

    private sealed class Reader : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> got = new();
        private readonly ManualResetEventSlim isFree = new(true);

        private Reader(Store store, TimeProvider clock) => Feed = new ChangeFeed(store, clock, NullLoggerFactory.Instance);

        public ChangeFeed Feed { get; }

        public IReadOnlyCollection<string> Got => got;

        public string? ThrowAt { get; set; }

        public static async Task<Reader> StartAsync(Store store, TimeProvider? clock = null)
        {
            var reader = new Reader(store, clock ?? TimeProvider.System);
            reader.Feed.Subscribe(Topic, (key, _) => reader.Take(key));
            Assert.False(reader.Feed.IsCurrent);
            reader.Feed.Start();
            await Eventually.HoldsAsync(() => reader.Feed.IsCurrent, "the feed is current");
            return reader;
        }

        public Task GotAsync(string key) => Eventually.HoldsAsync(() => got.Contains(key), $"notice of {key}");

        public void Hold() => isFree.Reset();

        public void Release() => isFree.Set();

        public async ValueTask DisposeAsync()
        {
            Release();
            await Feed.DisposeAsync();
        }

        private ValueTask Take(string? key)
        {
            isFree.Wait();
            if (key is not null && key == ThrowAt) throw new InvalidOperationException("as the test wants");
            got.Enqueue(key ?? Everything);
            return default;
        }
    }
}
