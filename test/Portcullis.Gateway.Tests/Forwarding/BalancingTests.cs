using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Balancing;
using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Tests.Forwarding;

public sealed class BalancingTests
{
    private const int Picks = 20_000;

    public static TheoryData<Balance> Algorithms => [.. Enum.GetValues<Balance>()];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Shares_follow_the_weights(Balance balance)
    {
        await using var cluster = new TestCluster(TestCluster.Options(balance, 1, 3, 0, 4));
        var counts = cluster.Count(Picks);
        Assert.Equal(0, counts[2]);
        Assert.InRange(counts[0], Picks * 0.10, Picks * 0.15);
        Assert.InRange(counts[1], Picks * 0.34, Picks * 0.41);
        Assert.InRange(counts[3], Picks * 0.46, Picks * 0.54);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Equal_weights_get_equal_shares(Balance balance)
    {
        await using var cluster = new TestCluster(TestCluster.Options(balance, 1, 1, 1, 1, 1));
        Assert.All(cluster.Count(Picks), count => Assert.InRange(count, Picks * 0.18, Picks * 0.22));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Destination_without_weight_takes_nothing_even_alone(Balance balance)
    {
        await using var cluster = new TestCluster(TestCluster.Options(balance, 0));
        Assert.Null(cluster.Enter(0, out _, out var error));
        Assert.Equal(ForwardError.NoDestination, error);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Pick_allocates_nothing(Balance balance)
    {
        await using var cluster = new TestCluster(TestCluster.Options(balance, 1, 2, 3));
        var hash = 0UL;
        Assert.Equal(0, AllocatedBytes.PerOperation(() => cluster.Pick(hash: hash++)));
    }

    [Fact]
    public async Task Round_robin_spreads_heavy_destinations_evenly()
    {
        await using var cluster = new TestCluster(TestCluster.Options(Balance.RoundRobin, 5, 1, 1));
        Assert.Equal([0, 0, 1, 0, 2, 0, 0], Enumerable.Range(0, 7).Select(_ => cluster.Pick()));
    }

    [Theory]
    [InlineData(Balance.LeastRequests)]
    [InlineData(Balance.PowerOfTwo)]
    public async Task Busy_destination_is_avoided(Balance balance)
    {
        await using var cluster = new TestCluster(TestCluster.Options(balance, 1, 1));
        var busy = cluster.Enter(0, out var ticket, out _)!;
        for (var i = 0; i < 100; i++) Assert.NotEqual(cluster.IndexOf(busy), cluster.Pick());
        busy.Report(TryOutcome.Success, cluster.Clock.GetTimestamp(), ticket);
        busy.Leave();
    }

    [Fact]
    public async Task Removing_one_of_ten_moves_only_the_keys_it_had()
    {
        await using var cluster = new TestCluster(TestCluster.Options(Balance.Hash, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
        var before = Keys(cluster);
        cluster.Apply(TestCluster.Options(Balance.Hash, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1));
        var after = Keys(cluster);
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i] != 4) Assert.Equal(before[i], after[i]);
        }

        Assert.InRange(before.Count(index => index == 4), 400, 600);
        cluster.Apply(TestCluster.Options(Balance.Hash, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
        Assert.Equal(before, Keys(cluster));

        static int[] Keys(TestCluster cluster) => [.. Enumerable.Range(0, 5000).Select(i => cluster.Pick(hash: StableHash.Of($"key-{i}".AsSpan())))];
    }

    [Fact]
    public void Hash_of_a_key_never_changes()
    {
        // Nodes of different versions must agree; a new value here moves every key of every cluster.
        Assert.Equal(StableHash.Of("a".AsSpan()), StableHash.Of("a"u8));
        Assert.Equal(9014803655354395984UL, StableHash.Of("http://10.0.0.1".AsSpan()));
    }

    [Fact]
    public async Task Destination_that_comes_back_gets_its_share_slowly()
    {
        await using var cluster = new TestCluster(TestCluster.Options(Balance.Random, 1, 1));
        var slow = cluster.View.Destinations[0];
        for (var i = 0; i < 5; i++) slow.Health.ReportRequest(TryOutcome.Failure, cluster.Clock.GetTimestamp(), slow.Options.Health);
        Assert.Equal(0, cluster.Count(1000)[0]);

        cluster.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.InRange(cluster.Count(Picks)[0], Picks * 0.07, Picks * 0.11);
        cluster.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.InRange(cluster.Count(Picks)[0], Picks * 0.31, Picks * 0.36);
        cluster.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.InRange(cluster.Count(Picks)[0], Picks * 0.48, Picks * 0.52);
        Assert.False(slow.Health.NeedsAttention);
    }

    [Fact]
    public async Task New_destination_of_a_working_cluster_starts_slowly_and_the_first_ones_do_not()
    {
        await using var cluster = new TestCluster(TestCluster.Options(Balance.Random, 1));
        Assert.False(cluster.View.Destinations[0].Health.NeedsAttention);
        cluster.Apply(TestCluster.Options(Balance.Random, 1, 1));
        Assert.InRange(cluster.Count(Picks)[1], Picks * 0.07, Picks * 0.11);
    }

    [Fact]
    public void Tried_destinations_beyond_the_cap_are_forgotten_not_fatal()
    {
        var tried = default(TriedDestinations);
        for (var i = 0; i < 20; i++) tried.Add(null!);
        Assert.Equal(11, tried.Count);
    }
}
