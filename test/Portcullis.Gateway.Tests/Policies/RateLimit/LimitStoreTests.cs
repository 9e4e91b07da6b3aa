using System.Net;
using Portcullis.Gateway.Policies.RateLimit;

namespace Portcullis.Gateway.Tests.Policies.RateLimit;

public sealed class LimitStoreTests
{
    private const long Second = TimeSpan.TicksPerSecond;
    private static readonly LimitRate TenPerSecond = new(Second / 10, 10);

    private readonly ManualTimeProvider clock = new();

    [Fact]
    public void A_burst_passes_and_the_next_request_does_not()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");

        for (var left = 9; left >= 0; left--)
        {
            var standing = Take(store, scope, "alice");
            Assert.True(standing.Passed);
            Assert.Equal(left, standing.Remaining);
        }

        var refused = Take(store, scope, "alice");
        Assert.False(refused.Passed);
        Assert.Equal(Second / 10, refused.Wait);
    }

    [Fact]
    public void Exactly_after_the_stated_wait_one_more_request_passes()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");
        Exhaust(store, scope, "alice");
        clock.Advance(TimeSpan.FromMilliseconds(30));
        var wait = Take(store, scope, "alice").Wait;

        clock.Advance(TimeSpan.FromTicks(wait - 1));
        Assert.False(Take(store, scope, "alice").Passed);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(Take(store, scope, "alice").Passed);
        Assert.False(Take(store, scope, "alice").Passed);
    }

    [Fact]
    public void A_client_that_keeps_knocking_still_gets_its_rate()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");
        Exhaust(store, scope, "alice");

        var passed = 0;
        for (var i = 0; i < 10_000; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            if (Take(store, scope, "alice").Passed) passed++;
        }

        Assert.Equal(100, passed);
    }

    [Fact]
    public void Keys_do_not_share_a_cell()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");
        Exhaust(store, scope, "alice");

        Assert.Equal(9, Take(store, scope, "bob").Remaining);
    }

    [Fact]
    public void Limits_do_not_share_a_cell_even_for_the_same_key()
    {
        var store = new LimitStore(clock);
        Exhaust(store, store.Scope("a"), "alice");

        Assert.Equal(9, Take(store, store.Scope("b"), "alice").Remaining);
    }

    [Fact]
    public void The_same_name_is_the_same_limit()
    {
        var store = new LimitStore(clock);
        Exhaust(store, store.Scope("a"), "alice");

        Assert.False(Take(store, store.Scope("a"), "alice").Passed);
    }

    [Fact]
    public void Two_stores_hash_differently()
    {
        Assert.NotEqual(new LimitStore(clock).Scope("a").KeyOf("alice"), new LimitStore(clock).Scope("a").KeyOf("alice"));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("::1", "::2", true)]
    [InlineData("fe80::1%1", "fe80::1%2", true)]
    public void Addresses_of_one_subscriber_share_a_key(string one, string other, bool share)
    {
        var scope = new LimitStore(clock).Scope("a");

        Assert.Equal(share, scope.KeyOf(IPAddress.Parse(one)) == scope.KeyOf(IPAddress.Parse(other)));
    }

    [Fact]
    public void What_was_taken_can_be_given_back()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");
        var key = scope.KeyOf("alice");
        Take(store, scope, "alice");

        store.GiveBack(scope, key, TenPerSecond, Take(store, scope, "alice"));

        Assert.Equal(8, Take(store, scope, "alice").Remaining);
    }

    [Fact]
    public void What_was_earned_back_meanwhile_is_not_given_back_twice()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");
        var taken = Take(store, scope, "alice");
        clock.Advance(TimeSpan.FromSeconds(1));
        Take(store, scope, "alice");

        store.GiveBack(scope, scope.KeyOf("alice"), TenPerSecond, taken);

        Assert.Equal(8, Take(store, scope, "alice").Remaining);
    }

    [Fact]
    public void A_clock_that_goes_back_neither_frees_a_client_nor_locks_it_out()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");
        Exhaust(store, scope, "alice");
        clock.Advance(TimeSpan.FromDays(-3));

        Assert.False(Take(store, scope, "alice").Passed);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(9, Take(store, scope, "alice").Remaining);
    }

    [Fact]
    public void A_lowered_limit_starts_from_all_used_up_for_who_is_over_it()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");
        Exhaust(store, scope, "alice");
        var lowered = new LimitRate(Second / 10, 2);

        var standing = store.Take(scope, scope.KeyOf("alice"), lowered, clock.GetTimestamp());

        Assert.False(standing.Passed);
        Assert.Equal(Second / 10, standing.Wait);
    }

    [Fact]
    public void The_table_never_exceeds_its_cap()
    {
        var store = new LimitStore(clock, 4096);
        var scope = store.Scope("a");

        for (var i = 0; i < 50_000; i++) Take(store, scope, $"caller {i}");

        Assert.InRange(store.Count, 3500, 4096);
        Assert.Equal(4096, store.Capacity);
    }

    [Fact]
    public void A_flood_of_keys_does_not_free_a_client_that_is_over_its_limit()
    {
        var store = new LimitStore(clock, 1024);
        var scope = store.Scope("a");
        Exhaust(store, scope, "abuser");

        for (var i = 0; i < 100_000; i++) Take(store, scope, $"caller {i}");

        Assert.False(Take(store, scope, "abuser").Passed);
    }

    [Fact]
    public void Keys_that_find_no_room_count_as_one_client()
    {
        var store = new LimitStore(clock, 16);
        var scope = store.Scope("a");
        for (var i = 0; i < 16; i++) Take(store, scope, $"caller {i}");

        var passed = 0;
        for (var i = 0; i < 1000; i++)
        {
            if (Take(store, scope, $"newcomer {i}").Passed) passed++;
        }

        Assert.Equal(10, passed);
        Assert.Equal(1000, store.Overflows);
    }

    [Fact]
    public void Keys_that_find_no_room_under_one_limit_do_not_use_up_another()
    {
        var store = new LimitStore(clock, 16);
        var full = store.Scope("a");
        for (var i = 0; i < 100; i++) Take(store, full, $"caller {i}");

        Assert.Equal(9, Take(store, store.Scope("b"), "newcomer").Remaining);
    }

    [Fact]
    public void A_full_table_takes_new_keys_again_once_old_ones_are_earned_back()
    {
        var store = new LimitStore(clock, 1024);
        var scope = store.Scope("a");
        for (var i = 0; i < 1024; i++) Take(store, scope, $"caller {i}");
        clock.Advance(TimeSpan.FromSeconds(1));

        for (var i = 0; i < 1024; i++) Assert.Equal(9, Take(store, scope, $"newcomer {i}").Remaining);
        Assert.Equal(0, store.Overflows);
        for (var i = 0; i < 1024; i++) Assert.Equal(8, Take(store, scope, $"newcomer {i}").Remaining);
    }

    [Fact]
    public void What_was_taken_without_room_can_be_given_back()
    {
        var store = new LimitStore(clock, 16);
        var scope = store.Scope("a");
        for (var i = 0; i < 16; i++) Take(store, scope, $"caller {i}");

        for (var i = 0; i < 100; i++) store.GiveBack(scope, scope.KeyOf("newcomer"), TenPerSecond, Take(store, scope, "newcomer"));

        Assert.Equal(9, Take(store, scope, "newcomer").Remaining);
    }

    [Fact]
    public async Task Threads_together_get_no_more_than_the_burst()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");
        var rate = new LimitRate(Second, 1000);
        var passed = 0;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (store.Take(scope, scope.KeyOf("alice"), rate, clock.GetTimestamp()).Passed) Interlocked.Increment(ref passed);
            }
        })));

        Assert.Equal(1000, passed);
    }

    /// <summary>The table against the plainest possible model: an exact clock and a dictionary.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_sequence_of_requests_is_decided_as_by_the_model(int seed)
    {
        var random = new Random(seed);
        var store = new LimitStore(clock, 64);
        var scope = store.Scope("a");
        var rate = new LimitRate(Second / 3 + 1, 4);
        var model = new Dictionary<string, decimal>(StringComparer.Ordinal);

        for (var i = 0; i < 20_000; i++)
        {
            clock.Advance(TimeSpan.FromTicks(random.Next((int)Second / 20)));
            var key = $"caller {random.Next(12)}";
            decimal now = clock.GetTimestamp();
            var full = Math.Max(model.GetValueOrDefault(key), now) + rate.Interval;
            var passes = full - now <= 4 * rate.Interval;
            if (passes) model[key] = full;

            var standing = store.Take(scope, scope.KeyOf(key), rate, clock.GetTimestamp());

            Assert.Equal(passes, standing.Passed);
            if (passes) Assert.Equal((int)Math.Floor(((4 * rate.Interval) - (full - now)) / rate.Interval), standing.Remaining);
        }
    }

    [Fact]
    public void A_check_allocates_nothing()
    {
        var store = new LimitStore(clock);
        var scope = store.Scope("a");
        var address = IPAddress.Parse("2001:db8::1");
        var caller = "client\nsubject";
        Assert.Equal(0, AllocatedBytes.PerOperation(Check));

        void Check()
        {
            store.Take(scope, scope.KeyOf(address), TenPerSecond, clock.GetTimestamp());
            store.Take(scope, scope.KeyOf(caller), TenPerSecond, clock.GetTimestamp());
        }
    }

    private LimitStanding Take(LimitStore store, LimitScope scope, string key) => store.Take(scope, scope.KeyOf(key), TenPerSecond, clock.GetTimestamp());

    private void Exhaust(LimitStore store, LimitScope scope, string key)
    {
        for (var i = 0; i < 10; i++) Assert.True(Take(store, scope, key).Passed);
    }
}
