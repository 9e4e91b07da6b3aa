using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Gateway.Tests.Identity.Roles;

public sealed class PermissionUseWriterTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly Written store = new();

    [Fact]
    public async Task Uses_are_written_every_few_seconds_and_the_last_ones_at_the_end()
    {
        var uses = new PermissionUses(clock);
        var writer = new PermissionUseWriter(uses, store, clock, NullLogger<PermissionUseWriter>.Instance);
        await Eventually.HoldsAsync(() => clock.ArmedTimers > 0, "the writer waits");
        uses.Record("ada", "orders:read");
        Assert.Empty(store.Uses);
        clock.Advance(PermissionUseWriter.Interval);
        await Eventually.HoldsAsync(() => store.Uses.Count == 1, "it is written");

        uses.Record("ada", "orders:write");
        await writer.DisposeAsync();
        Assert.Equal(2, store.Uses.Count);
    }

    [Fact]
    public async Task An_outage_is_told_once_loses_nothing_and_its_end_is_told()
    {
        var log = new Lines();
        var uses = new PermissionUses(clock);
        store.IsBroken = true;
        await using (var writer = new PermissionUseWriter(uses, store, clock, log))
        {
            await Eventually.HoldsAsync(() => clock.ArmedTimers > 0, "the writer waits");
            uses.Record("ada", "orders:read");
            for (var i = 1; i <= 3; i++)
            {
                clock.Advance(PermissionUseWriter.Interval);
                await Eventually.HoldsAsync(() => store.Tries == i && clock.ArmedTimers > 0, "it was tried");
            }

            store.IsBroken = false;
            clock.Advance(PermissionUseWriter.Interval);
            await Eventually.HoldsAsync(() => store.Uses.Count == 1, "it is written");
        }

        Assert.Equal([(LogLevel.Error, 1620), (LogLevel.Warning, 1621)], log.Events);
    }

    [Fact]
    public async Task A_store_that_fails_at_the_end_does_not_keep_the_process()
    {
        store.IsBroken = true;
        var uses = new PermissionUses(clock);
        uses.Record("ada", "orders:read");
        await new PermissionUseWriter(uses, store, clock, NullLogger<PermissionUseWriter>.Instance).DisposeAsync().AsTask().WithPatience();
    }

    private sealed class Written : IPermissionUseStore
    {
        private int tries;

        public ConcurrentDictionary<PermissionUse, bool> Uses { get; } = new();

        public volatile bool IsBroken;

        public int Tries => Volatile.Read(ref tries);

        public Task RecordAsync(IReadOnlyList<PermissionUse> uses, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref tries);
            if (IsBroken) throw new IOException("the database is away");
            foreach (var use in uses) Uses.TryAdd(use, true);
            return Task.CompletedTask;
        }

        public Task RecordGapAsync(DateOnly day, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Lines : ILogger<PermissionUseWriter>
    {
        public ConcurrentQueue<(LogLevel, int)> Events { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Events.Enqueue((logLevel, eventId.Id));
    }
}
