using Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>Mutated requests, for which no test says what is right: what one engine says is compared with what others say.</summary>
public sealed class AgreementTests
{
    [Fact]
    public async Task An_engine_agrees_with_itself_on_every_mutated_request()
    {
        var rules = RuleSource.Crs3();
        await using var one = await Yardstick.StartAsync(ServerKind.Apache, rules);
        await using var other = await Yardstick.StartAsync(ServerKind.Apache, rules);

        var result = await AgreementRun.RunAsync(one.Endpoint, [other.Endpoint], rules, seed: 7, count: 300);

        Assert.Empty(result.Disagreements);
        Assert.InRange(result.Compared, 200, 300);
        Assert.True(result.Hits > 5 * result.Compared, result.ToString());
    }

    [Fact]
    public void The_same_seed_makes_the_same_requests()
    {
        var cases = RuleSource.Crs3().Cases.Value;
        var (one, other) = (new RequestMutator(cases, 3), new RequestMutator(cases, 3));

        for (var number = 0; number < 50; number++) Assert.Equal(one.Make(number), other.Make(number));
        Assert.NotEqual(one.Make(0), new RequestMutator(cases, 4).Make(0));
    }

    [Fact]
    public async Task Where_the_engine_stands_alone_is_told_apart_from_where_the_references_differ()
    {
        var rules = RuleSource.Crs3();
        await using var apache = await Yardstick.StartAsync(ServerKind.Apache, rules);
        await using var same = await Yardstick.StartAsync(ServerKind.Apache, rules);
        await using var nginx = await Yardstick.StartAsync(ServerKind.Nginx, rules);

        var result = await AgreementRun.RunAsync(apache.Endpoint, [same.Endpoint, nginx.Endpoint], rules, seed: 7, count: 100);

        Assert.Equal(0, result.Alone);
        Assert.Equal(result.Compared, result.SameAs(same.Endpoint.Name));
        Assert.True(result.SameAs(nginx.Endpoint.Name) < result.Compared, result.ToString());
    }
}
