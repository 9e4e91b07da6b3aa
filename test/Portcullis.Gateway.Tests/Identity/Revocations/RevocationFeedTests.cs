using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Tests.Identity.Memory;

namespace Portcullis.Gateway.Tests.Identity.Revocations;

public sealed class RevocationFeedTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly MemoryGrants store = new();

    [Fact]
    public async Task What_the_store_holds_counts_before_any_token_does()
    {
        await store.AddAsync(new Revocation(RevocationKind.Token, "t", clock.GetUtcNow()), CancellationToken.None);
        var list = new RevocationList(clock);
        await using var feed = Feed(list);
        await list.Loaded.WithPatience();
        Assert.Equal(1, list.Count);
    }

    [Fact]
    public async Task While_the_store_is_away_nothing_is_loaded_and_then_everything()
    {
        store.IsBroken = true;
        await store.AddAsync(new Revocation(RevocationKind.Token, "t", clock.GetUtcNow()), CancellationToken.None);
        var list = new RevocationList(clock);
        await using var feed = Feed(list);
        await Eventually.HoldsAsync(() => clock.ArmedTimers > 0, "the feed waits");
        Assert.False(list.Loaded.IsCompleted);
        store.IsBroken = false;
        clock.Advance(RevocationFeed.Interval);
        await list.Loaded.WithPatience();
        Assert.Equal(1, list.Count);
    }

    [Fact]
    public async Task Nothing_is_said_of_a_token_before_revocations_are_known()
    {
        store.IsBroken = true;
        var list = new RevocationList(clock);
        await using var feed = Feed(list);
        await Eventually.HoldsAsync(() => clock.HasTimer(RevocationFeed.Interval), "the feed waits");
        var waiting = list.LoadAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WithPatience());
    }

    [Fact]
    public async Task What_is_revoked_here_is_stored_and_counts_at_once()
    {
        var list = new RevocationList(clock);
        await using var feed = Feed(list);
        await feed.RevokeAsync(new Revocation(RevocationKind.Token, "t", clock.GetUtcNow()), CancellationToken.None);
        Assert.Equal(1, list.Count);
        Assert.Single((await store.ReadAsync(0, CancellationToken.None)).Revocations);
    }

    [Fact]
    public async Task Without_a_store_there_is_nothing_to_wait_for()
    {
        var list = new RevocationList(clock);
        await using var feed = new RevocationFeed(list, null, clock, NullLogger<RevocationFeed>.Instance);
        Assert.True(list.Loaded.IsCompleted);
    }

    private RevocationFeed Feed(RevocationList list) => new(list, store, clock, NullLogger<RevocationFeed>.Instance);
}
