using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Gateway.Tests.Identity.Roles;

public sealed class PermissionUsesTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly Kept store = new();

    [Fact]
    public async Task A_use_is_written_once_for_each_caller_permission_and_day()
    {
        var uses = new PermissionUses(clock);
        for (var i = 0; i < 100; i++)
        {
            uses.Record("maria", "orders:read");
            uses.Record("maria", "orders:write");
            uses.Record("billing", "orders:read");
        }

        await uses.FlushAsync(store, default);
        await uses.FlushAsync(store, default);
        Assert.Equal(3, store.Written);

        clock.Advance(TimeSpan.FromDays(1));
        uses.Record("maria", "orders:read");
        await uses.FlushAsync(store, default);
        Assert.Equal(4, store.Uses.Count);
        Assert.Equal(2, store.Uses.Keys.Select(use => use.Day).Distinct().Count());
    }

    [Fact]
    public async Task What_could_not_be_written_is_written_later()
    {
        var uses = new PermissionUses(clock);
        uses.Record("maria", "orders:read");
        store.IsBroken = true;
        await Assert.ThrowsAsync<IOException>(() => uses.FlushAsync(store, default));
        clock.Advance(TimeSpan.FromDays(2));
        store.IsBroken = false;
        await uses.FlushAsync(store, default);

        Assert.Equal(new PermissionUse("maria", "orders:read", new DateOnly(2030, 1, 1)), Assert.Single(store.Uses).Key);
    }

    [Fact]
    public async Task At_the_cap_a_use_is_lost_and_its_day_marked()
    {
        var uses = new PermissionUses(clock, capacity: 10);
        for (var i = 0; i < 1000; i++) uses.Record("caller" + i, "orders:read");
        await uses.FlushAsync(store, default);

        Assert.Equal(10, store.Uses.Count);
        Assert.Equal(990, uses.Dropped);
        Assert.Equal([new DateOnly(2030, 1, 1)], store.Gaps);

        // The next day has room again, for those who are known at once and for others after the first write.
        clock.Advance(TimeSpan.FromDays(1));
        foreach (var use in store.Uses.Keys) uses.Record(use.Caller, use.Permission);
        Assert.Equal(990, uses.Dropped);
        await uses.FlushAsync(store, default);
        Assert.Equal(20, store.Uses.Count);
    }

    [Fact]
    public void A_further_use_of_the_day_allocates_nothing()
    {
        var uses = new PermissionUses(clock);
        uses.Record("maria", "orders:read");
        Assert.Equal(0, AllocatedBytes.PerOperation(() => uses.Record("maria", "orders:read")));
    }

    [Fact]
    public async Task Nothing_is_lost_between_threads_that_use_and_one_that_writes()
    {
        var uses = new PermissionUses(clock);
        var writers = Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++) uses.Record($"caller{i}", $"orders:{thread % 2}");
        })).ToList();
        while (!writers.TrueForAll(writer => writer.IsCompleted)) await uses.FlushAsync(store, default);
        await Task.WhenAll(writers);
        await uses.FlushAsync(store, default);

        Assert.Equal(10_000, store.Uses.Count);
        Assert.Equal(0, uses.Dropped);
    }

    private sealed class Kept : IPermissionUseStore
    {
        public ConcurrentDictionary<PermissionUse, bool> Uses { get; } = new();

        public List<DateOnly> Gaps { get; } = [];

        public int Written { get; private set; }

        public bool IsBroken { get; set; }

        public Task RecordAsync(IReadOnlyList<PermissionUse> uses, CancellationToken cancellationToken)
        {
            if (IsBroken) throw new IOException("the database is away");
            Written += uses.Count;
            foreach (var use in uses) Uses.TryAdd(use, true);
            return Task.CompletedTask;
        }

        public Task RecordGapAsync(DateOnly day, CancellationToken cancellationToken)
        {
            Gaps.Add(day);
            return Task.CompletedTask;
        }
    }
}
