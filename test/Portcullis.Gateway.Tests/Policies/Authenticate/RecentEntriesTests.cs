using Portcullis.Gateway.Policies.Authenticate;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>What remembers callers and tokens is bounded, and keeps what is in use.</summary>
public sealed class RecentEntriesTests
{
    [Fact]
    public void Memory_is_bounded_whatever_comes_and_keeps_what_is_in_use()
    {
        var entries = new RecentEntries<int, string>(maximumWeight: 1000);
        entries.Remember(-1, "in use", 10);
        for (var i = 0; i < 10_000; i++)
        {
            entries.Remember(i, "passing", 10);
            if (i % 50 == 0) Assert.True(entries.TryFind(-1, out _));
            Assert.InRange(entries.Count, 1, 201);
        }

        Assert.True(entries.TryFind(-1, out var kept));
        Assert.Equal("in use", kept);
        Assert.False(entries.TryFind(0, out _));
    }

    [Fact]
    public void Later_value_takes_the_place_of_the_former_and_weighs_alone()
    {
        var entries = new RecentEntries<int, string>(maximumWeight: 100);
        for (var i = 0; i < 1000; i++) entries.Remember(1, "value " + i, 60);
        Assert.True(entries.TryFind(1, out var value));
        Assert.Equal("value 999", value);
    }

    [Fact]
    public void Many_at_once_stay_within_the_bound()
    {
        var entries = new RecentEntries<int, string>(maximumWeight: 1000);
        Parallel.For(0, 20_000, i =>
        {
            entries.Remember(i, "one", 10);
            entries.TryFind(i / 2, out _);
        });
        Assert.InRange(entries.Count, 1, 201);
    }
}
