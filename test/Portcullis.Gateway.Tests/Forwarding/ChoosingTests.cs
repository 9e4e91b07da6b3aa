using System.Net;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Which cluster and destination a request goes to, from configuration text to the upstream that answers.</summary>
public sealed class ChoosingTests
{
    [Theory]
    [InlineData("hash: { on: header, name: X-Tenant }", "X-Tenant", "")]
    [InlineData("hash: { on: cookie, name: tenant }", "Cookie", "other=1; tenant=")]
    public async Task Same_key_goes_to_the_same_destination_and_keys_spread_over_all(string hash, string field, string prefix)
    {
        await using var upstreams = await Upstreams.StartAsync(3);
        await using var gateway = await TestGateway.StartAsync(Yaml($"main: {{ destinations: [{upstreams.Urls}], balance: hash, {hash} }}", "cluster: main"));
        using var client = gateway.Client();
        var homes = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < 90; i++)
        {
            var key = $"tenant-{i % 30}";
            var home = await GetAsync(client, gateway, (field, prefix + key));
            if (!homes.TryAdd(key, home)) Assert.Equal(homes[key], home);
        }

        Assert.Equal(3, homes.Values.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Clients_address_is_the_key_where_nothing_else_is_said_or_sent()
    {
        await using var upstreams = await Upstreams.StartAsync(3);
        await using var gateway = await TestGateway.StartAsync(Yaml(
            $"main: {{ destinations: [{upstreams.Urls}], balance: hash, hash: {{ on: header, name: X-Tenant }} }}", "cluster: main", "trustedProxies: [127.0.0.1]"));
        using var client = gateway.Client();
        var homes = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 1; i <= 30; i++)
        {
            var home = await GetAsync(client, gateway, ("X-Forwarded-For", $"203.0.113.{i}"));
            Assert.Equal(home, await GetAsync(client, gateway, ("X-Forwarded-For", $"203.0.113.{i}")));
            homes.Add(home);
        }

        Assert.Equal(3, homes.Count);
    }

    [Fact]
    public async Task Split_follows_the_weights()
    {
        await using var upstreams = await Upstreams.StartAsync(3);
        await using var gateway = await TestGateway.StartAsync(Yaml(
            $"old: {{ destinations: [{upstreams[0]}] }}, young: {{ destinations: [{upstreams[1]}] }}, none: {{ destinations: [{upstreams[2]}] }}",
            "split: [{ cluster: old, weight: 3 }, { cluster: young, weight: 1 }, { cluster: none, weight: 0 }]"));
        using var client = gateway.Client();
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < 400; i++)
        {
            var home = await GetAsync(client, gateway);
            counts[home] = counts.GetValueOrDefault(home) + 1;
        }

        // A quarter of 400, by more than six standard deviations (8.7) either way.
        Assert.InRange(counts["1"], 40, 160);
        Assert.Equal(400, counts["0"] + counts["1"]);
    }

    [Fact]
    public async Task Client_stays_with_the_arm_that_its_cookie_is_of()
    {
        await using var upstreams = await Upstreams.StartAsync(4);
        await using var gateway = await TestGateway.StartAsync(Yaml(
            $"old: {{ destinations: [{upstreams[0]}, {upstreams[1]}], affinity: {{ cookie: stay }} }}, young: {{ destinations: [{upstreams[2]}, {upstreams[3]}], affinity: {{ cookie: stay }} }}",
            "split: [{ cluster: old, weight: 1 }, { cluster: young, weight: 1 }]"));
        using var client = gateway.Client();
        for (var visitor = 0; visitor < 10; visitor++)
        {
            using var first = await client.GetAsync(gateway.Address());
            var home = await first.Content.ReadAsStringAsync();
            var cookie = first.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
            for (var i = 0; i < 10; i++) Assert.Equal(home, await GetAsync(client, gateway, ("Cookie", cookie)));
        }
    }

    [Fact]
    public async Task Cookie_of_a_destination_that_is_gone_ill_or_invented_leads_to_another_and_is_replaced()
    {
        await using var upstreams = await Upstreams.StartAsync(2);
        var both = Yaml($"main: {{ destinations: [{upstreams[0]}, {upstreams[1]}], affinity: {{ cookie: stay }}, retries: 0, health: {{ passiveFailures: 1, passivePause: 1h }} }}", "cluster: main");
        await using var gateway = await TestGateway.StartAsync(both);
        using var client = gateway.Client();
        foreach (var invented in new[] { "AAAAAAAAAAAAAAAA", "x", "", "127.0.0.1", new string('a', 4000) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address()) { Headers = { { "Cookie", $"stay={invented}" } } };
            using var response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Single(response.Headers.GetValues("Set-Cookie"));
        }

        var cookies = new Dictionary<string, string>(StringComparer.Ordinal);
        while (cookies.Count < 2)
        {
            using var response = await client.GetAsync(gateway.Address());
            cookies[await response.Content.ReadAsStringAsync()] = response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        }

        // Ill: passive health takes it out on its first 5xx, and its clients move.
        using (var failed = await SendAsync("/fail", cookies["0"])) Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        await Eventually.HoldsAsync(
            async () =>
            {
                using var moved = await SendAsync("/", cookies["0"]);
                return await moved.Content.ReadAsStringAsync() == "1" && moved.Headers.GetValues("Set-Cookie").Single().StartsWith(cookies["1"], StringComparison.Ordinal);
            },
            "the client moves");

        // Gone: so do those of a destination that a reload removed.
        Assert.Empty(await gateway.ApplyAsync(both.Replace($"{upstreams[1]}", string.Empty, StringComparison.Ordinal).Replace(", ]", "]", StringComparison.Ordinal)));
        using var last = await SendAsync("/", cookies["1"]);
        Assert.Equal("0", await last.Content.ReadAsStringAsync());
        Assert.StartsWith(cookies["0"], last.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);

        async Task<HttpResponseMessage> SendAsync(string path, string cookie)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address(path)) { Headers = { { "Cookie", cookie } } };
            return await client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Destination_that_real_requests_found_ill_stays_out_over_a_reload_and_comes_back()
    {
        var clock = new ManualTimeProvider();
        await using var upstreams = await Upstreams.StartAsync(2);
        string Text(string more) => Yaml(
            $"main: {{ destinations: [{upstreams[0]}, {upstreams[1]}], balance: roundRobin, {more} health: {{ passiveFailures: 3, passivePause: 60s, slowStart: 0s }} }}", "cluster: main");
        await using var gateway = await TestGateway.StartAsync(Text(string.Empty), clock);
        using var client = gateway.Client();
        upstreams.Fail(0);
        for (var i = 0; i < 6; i++) (await client.GetAsync(gateway.Address())).Dispose();
        await Eventually.HoldsAsync(async () => await HomesAsync() is ["1"], "the ill one is out");
        Assert.Empty(await gateway.ApplyAsync(Text("timeout: 7s,")));
        Assert.Equal(["1"], await HomesAsync());
        upstreams.Heal(0);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(["0", "1"], await HomesAsync());

        async Task<string[]> HomesAsync()
        {
            var homes = new SortedSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < 10; i++)
            {
                using var response = await client.GetAsync(gateway.Address());
                homes.Add(await response.Content.ReadAsStringAsync());
            }

            return [.. homes];
        }
    }

    [Fact]
    public async Task Open_circuit_stays_open_over_a_reload()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = RawUpstream.Start((connection, _) => Task.Run(connection.Reset));
        string Text(string more) => Yaml(
            $"main: {{ destinations: [\"{upstream.Address.GetLeftPart(UriPartial.Authority)}\"], retries: 0, {more} circuitBreaker: {{ minimumRequests: 2, openFor: 60s }} }}", "cluster: main");
        await using var gateway = await TestGateway.StartAsync(Text(string.Empty), clock);
        using var client = gateway.Client();
        for (var i = 0; i < 2; i++) (await client.GetAsync(gateway.Address())).Dispose();
        Assert.Empty(await gateway.ApplyAsync(Text("timeout: 7s,")));
        using var refused = await client.GetAsync(gateway.Address());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(2, upstream.Requests);
    }

    private static string Yaml(string clusters, string terminal, string listener = "") => $$"""
        listeners: { public: { address: "127.0.0.1:0", {{listener}} } }
        clusters: { {{clusters}} }
        routes: { all: { match: { path: "/{**rest}" }, {{terminal}}, policies: { authenticate: none } } }
        """.Replace(", }", " }", StringComparison.Ordinal);

    private static async Task<string> GetAsync(HttpClient client, TestGateway gateway, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address());
        foreach (var (name, value) in fields) request.Headers.Add(name, value);
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Upstreams that answer with their number, or with 500 where they were told to or /fail is asked for.</summary>
    private sealed class Upstreams : IAsyncDisposable
    {
        private readonly List<TestUpstream> all = [];
        private readonly HashSet<int> failing = [];

        public string Urls => string.Join(", ", Enumerable.Range(0, all.Count).Select(i => this[i]));

        public string this[int index] => $"\"{all[index].Url}\"";

        public static async Task<Upstreams> StartAsync(int count)
        {
            var upstreams = new Upstreams();
            for (var i = 0; i < count; i++)
            {
                var number = i;
                upstreams.all.Add(await TestUpstream.StartAsync(context =>
                {
                    lock (upstreams.failing) context.Response.StatusCode = context.Request.Path == "/fail" || upstreams.failing.Contains(number) ? 500 : 200;
                    return context.Response.WriteAsync(number.ToString());
                }));
            }

            return upstreams;
        }

        public void Fail(int index)
        {
            lock (failing) failing.Add(index);
        }

        public void Heal(int index)
        {
            lock (failing) failing.Remove(index);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var upstream in all) await upstream.DisposeAsync();
        }
    }
}
