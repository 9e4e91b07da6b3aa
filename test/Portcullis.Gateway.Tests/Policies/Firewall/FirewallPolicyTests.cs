using System.Net;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Firewall;
using Portcullis.Gateway.Tests.Pipeline;

namespace Portcullis.Gateway.Tests.Policies.Firewall;

public sealed class FirewallPolicyTests
{
    private static readonly FirewallPolicyKind Kind = new();

    private readonly PolicyBench bench = new();

    [Theory]
    [InlineData("198.51.100.7", 200)]
    [InlineData("192.0.2.1", 403)]
    [InlineData("192.0.2.9", 200)]
    [InlineData("::ffff:192.0.2.1", 403)]
    [InlineData("::ffff:192.0.2.9", 200)]
    [InlineData("2001:db8::1", 403)]
    [InlineData("2001:db9::1", 200)]
    public async Task Allow_wins_over_deny_and_deny_over_the_default(string address, int status)
    {
        var route = bench.Route(Kind, new FirewallOptions { Allow = Blocks("192.0.2.9"), Deny = Blocks("192.0.2.0/24", "2001:db8::/32") });

        Assert.Equal(status, (await Send(route, address)).StatusCode);
    }

    [Theory]
    [InlineData("10.1.2.3", 200)]
    [InlineData("192.0.2.1", 403)]
    [InlineData("::1", 403)]
    public async Task With_default_deny_only_what_is_allowed_comes_in(string address, int status)
    {
        var route = bench.Route(Kind, new FirewallOptions { Default = FirewallAction.Deny, Allow = Blocks("10.0.0.0/8") });

        Assert.Equal(status, (await Send(route, address)).StatusCode);
    }

    [Fact]
    public async Task A_refusal_says_that_the_address_is_blocked_and_not_why()
    {
        var route = bench.Route(Kind, new FirewallOptions { Deny = Blocks("0.0.0.0/0") });

        var refused = await Send(route, "192.0.2.1");

        Assert.Equal(RefusalCode.AddressBlocked, refused.Code);
        Assert.Contains("address.blocked", ExchangeFactory.BodyOf(refused), StringComparison.Ordinal);
        Assert.DoesNotContain("firewall", ExchangeFactory.BodyOf(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_header_field_gets_past_the_rules()
    {
        var route = bench.Route(Kind, new FirewallOptions { Default = FirewallAction.Deny, Allow = Blocks("10.0.0.0/8") });
        var exchange = ExchangeFactory.Create(address: "192.0.2.1");
        exchange.RequestHeaders["X-Forwarded-For"] = "10.0.0.1";

        Assert.Equal(403, (await PolicyBench.Run(route, exchange)).StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_rule_that_refuses_nobody_is_warned_of(bool hasAllow)
    {
        bench.Compile(Kind, new FirewallOptions { Allow = hasAllow ? Blocks("10.0.0.0/8") : [] });

        Assert.Equal(["routes.orders.policies.firewall"], bench.Warnings);
        Assert.Empty(bench.Errors);
    }

    /// <summary>Against the plainest model: look through the lists, allow first.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_rules_and_address_are_decided_as_by_the_model(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var options = new FirewallOptions { Default = random.Next(2) == 0 ? FirewallAction.Allow : FirewallAction.Deny, Allow = RandomBlocks(random), Deny = RandomBlocks(random) };
            var route = PolicyBench.Route(new PolicyBench().Compile(Kind, options));
            for (var i = 0; i < 10; i++)
            {
                var address = IPAddress.Parse($"{(random.Next(2) == 0 ? "::ffff:" : string.Empty)}10.{random.Next(4)}.{random.Next(4)}.{random.Next(4)}");
                var expected = options.Allow.Any(block => block.Contains(address)) || (!options.Deny.Any(block => block.Contains(address)) && options.Default == FirewallAction.Allow);

                Assert.Equal(expected ? 200 : 403, (await Send(route, address.ToString())).StatusCode);
            }
        }
    }

    private static Cidr[] RandomBlocks(Random random) => Blocks([.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(4) switch
    {
        0 => "10.0.0.0/8",
        1 => $"10.{random.Next(4)}.0.0/16",
        2 => $"10.{random.Next(4)}.{random.Next(4)}.0/24",
        _ => $"10.{random.Next(4)}.{random.Next(4)}.{random.Next(4)}",
    })]);

    private static Cidr[] Blocks(params string[] texts) => [.. texts.Select(text => Cidr.Parse(text, null))];

    private static Task<Exchange> Send(CompiledRoute route, string address) => PolicyBench.Run(route, ExchangeFactory.Create(address: address));
}
