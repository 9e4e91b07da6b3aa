using System.Net;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Waf;

public sealed class FaultTests
{
    // The back-reference makes it a pattern that only backtracking can match, and the value makes that long.
    private const string Slow = """SecRule ARGS:x "@rx ^(a+)+\1$" "id:1,phase:2,pass" """;
    private const string Hostile = "/?x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
    private const string Timed = """SecRule TIME_EPOCH "@ge 0" "id:1,phase:2,pass,nolog" """;

    [Theory]
    [InlineData("block", "onFault: block", 403)]
    [InlineData("block", "inspectResponses: false", 403)]
    [InlineData("block", "onFault: pass", 200)]
    [InlineData("detect", "onFault: block", 200)]
    public async Task A_pattern_without_end_refuses_unless_the_configuration_lets_faults_pass(string policy, string section, int status)
    {
        await using var waf = await WafGateway.StartAsync(policy, section, Slow);
        using var client = waf.Gateway.Client();

        using var hostile = await client.GetAsync(waf.Gateway.Address(Hostile));
        using var harmless = await client.GetAsync(waf.Gateway.Address("/?x=a"));

        Assert.Equal(status, (int)hostile.StatusCode);
        Assert.Equal(HttpStatusCode.OK, harmless.StatusCode);
        var decision = (await waf.Gateway.DecisionsAsync(2))[0];
        Assert.Equal("RegexTimedOut", decision.GetProperty("waf").GetProperty("fault").GetString());
        Assert.Equal(status == 403 ? "waf.blocked" : null, decision.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("block", "onFault: block", 403)]
    [InlineData("block", "onFault: pass", 200)]
    [InlineData("detect", "onFault: block", 200)]
    public async Task An_exception_in_the_engine_is_a_fault(string policy, string section, int status)
    {
        var clock = new RulesClock();
        await using var waf = await WafGateway.StartAsync(policy, section, Timed, clock: clock);
        using var client = waf.Gateway.Client();
        clock.InRules = static () => throw new InvalidTimeZoneException();

        using var broken = await client.PostAsync(waf.Gateway.Address(), new StringContent("the body"));
        clock.InRules = static () => { };
        using var mended = await client.GetAsync(waf.Gateway.Address());

        Assert.Equal(status, (int)broken.StatusCode);
        Assert.Equal(HttpStatusCode.OK, mended.StatusCode);
        Assert.Equal("InvalidTimeZoneException", (await waf.Gateway.DecisionsAsync(2))[0].GetProperty("waf").GetProperty("fault").GetString());
        if (status == 200) Assert.Equal("the body", waf.Upstream.First().Body);
    }

    [Fact]
    public async Task A_long_inspection_keeps_nobody_else_waiting()
    {
        using var gate = new ManualResetEventSlim();
        var clock = new RulesClock();
        await using var waf = await WafGateway.StartAsync(
            rules: """SecRule REQUEST_HEADERS:X-Slow "@streq 1" "id:1,phase:2,pass,nolog,chain" """ + "\n" + """SecRule TIME_EPOCH "@ge 0" "t:none" """, clock: clock);
        using var client = waf.Gateway.Client();
        var inside = 0;
        clock.InRules = () =>
        {
            Interlocked.Increment(ref inside);
            gate.Wait(Eventually.Patience);
        };

        // More than there are event loops: if the rules ran on these, nobody would be served.
        var slow = Enumerable.Range(0, Environment.ProcessorCount + 2).Select(_ => SendSlowAsync()).ToList();
        await Eventually.HoldsAsync(() => Volatile.Read(ref inside) >= 2, "long inspections are under way");
        for (var i = 0; i < 20; i++) Assert.Equal("ok", await client.GetStringAsync(waf.Gateway.Address()).WaitAsync(Eventually.Patience));

        Assert.All(slow, each => Assert.False(each.IsCompleted));
        gate.Set();
        Assert.All(await Task.WhenAll(slow), status => Assert.Equal(HttpStatusCode.OK, status));

        async Task<HttpStatusCode> SendSlowAsync()
        {
            using var own = waf.Gateway.Client();
            using var request = new HttpRequestMessage(HttpMethod.Post, waf.Gateway.Address()) { Content = new StringContent(new string('a', Inspection.LoopOctets)) };
            request.Headers.Add("X-Slow", "1");
            using var response = await own.SendAsync(request);
            return response.StatusCode;
        }
    }

    /// <summary>The system's clock, with something that happens where rules ask for the time.</summary>
    private sealed class RulesClock : TimeProvider
    {
        public Action InRules { get; set; } = static () => { };

        public override DateTimeOffset GetUtcNow()
        {
            if (Environment.StackTrace.Contains("Portcullis.Waf.Variables", StringComparison.Ordinal)) InRules();
            return base.GetUtcNow();
        }
    }
}
