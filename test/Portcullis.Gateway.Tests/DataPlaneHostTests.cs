using System.Net;
using System.Net.Sockets;
using Portcullis.Gateway.Forwarding.Health;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests;

/// <summary>Applying a configuration is all or nothing.</summary>
public sealed class DataPlaneHostTests
{
    private static readonly string Secure = "secure: { address: \"127.0.0.1:0\", tls: {} }";

    [Fact]
    public async Task No_request_sees_a_configuration_whose_listeners_are_not_there_yet()
    {
        await using var gateway = await TestGateway.StartAsync(Configuration());
        using var client = gateway.Client();
        var seen = HttpStatusCode.OK;
        gateway.WhileApplying = () => seen = client.GetAsync(gateway.Address("/added")).GetAwaiter().GetResult().StatusCode;

        Assert.Empty(await gateway.ApplyAsync(Configuration(Secure, "/added")));

        Assert.Equal(HttpStatusCode.NotFound, seen);
        Assert.Equal(HttpStatusCode.PermanentRedirect, await StatusAsync(gateway, client, "/added"));
    }

    [Fact]
    public async Task A_refused_reload_serves_none_of_its_routes_and_keeps_counts_health_and_open_circuits()
    {
        using var occupant = Occupant();
        await using var gateway = await TestGateway.StartAsync(WithCluster("http://127.0.0.1:1"));
        using var client = gateway.Client();
        for (var i = 0; i < 3; i++) await StatusAsync(gateway, client, "/forwarded");
        var before = Assert.Single(gateway.Host.State.Clusters.Describe()).Destinations.Single();
        Assert.Equal(CircuitState.Open, before.Circuit);

        var problems = await gateway.ApplyAsync(WithCluster("http://127.0.0.1:2", $"taken: {{ address: \"{occupant.LocalEndpoint}\" }}", "/added").Replace("  a: {", "  renamed: {", StringComparison.Ordinal));

        Assert.Contains(occupant.LocalEndpoint.ToString()!, Assert.Single(problems), StringComparison.Ordinal);
        Assert.Equal(problems, gateway.Host.LastProblems);
        Assert.Equal((1L, false, 1L), (gateway.Host.Metrics.FailedReloads, gateway.Host.Metrics.LastReloadSucceeded, gateway.Host.Version));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(gateway, client, "/added"));
        Assert.Equal(["(none)", "a", "forwarded"], gateway.Host.Metrics.Routes.Select(route => route.Route));
        Assert.Equal(before, Assert.Single(gateway.Host.State.Clusters.Describe()).Destinations.Single());
    }

    [Fact]
    public async Task A_failure_that_nobody_foresaw_is_a_problem_that_health_and_metrics_show_and_leaves_nothing_behind()
    {
        await using var gateway = await TestGateway.StartAsync(Configuration());
        using var client = gateway.Client();
        var address = FreeAddress();
        var changed = Configuration($"a: {{ address: \"{address}\" }}\n  {Secure}", "/added");
        gateway.WhileApplying = static () => throw new InvalidOperationException("out of luck");

        var problems = await gateway.ApplyAsync(changed);

        Assert.Contains("out of luck", Assert.Single(problems), StringComparison.Ordinal);
        Assert.Contains("hint: ", problems[0], StringComparison.Ordinal);
        Assert.Equal(problems, gateway.Host.LastProblems);
        Assert.Equal((1L, false), (gateway.Host.Metrics.FailedReloads, gateway.Host.Metrics.LastReloadSucceeded));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(gateway, client, "/added"));

        gateway.WhileApplying = null;
        Assert.Empty(await gateway.ApplyAsync(changed));
        Assert.Empty(gateway.Host.LastProblems);
        Assert.Equal(HttpStatusCode.PermanentRedirect, await StatusAsync(gateway, client, "/added"));
    }

    [Fact]
    public async Task A_development_certificate_that_can_not_be_kept_is_named()
    {
        await using var gateway = await TestGateway.StartAsync(Configuration());
        gateway.WhileApplying = static () => throw new UnauthorizedAccessException("Access to /data/tls is denied.");

        var problem = Assert.Single(await gateway.ApplyAsync(Configuration(Secure)));

        Assert.StartsWith("error: listener secure: the development certificate can't be kept: Access to /data/tls is denied.", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Header_fields_beyond_the_usual_buffer_arrive_where_the_listener_allows_them(bool byReload)
    {
        const string Limits = "limits: { headerBytes: 4MiB, requestLineBytes: 1MiB }";
        var large = $"large: {{ address: \"127.0.0.1:0\", {Limits} }}\n  safe: {{ address: \"127.0.0.1:0\", tls: {{}}, {Limits} }}";
        await using var gateway = await TestGateway.StartAsync(Configuration(byReload ? large.Replace(Limits, string.Empty, StringComparison.Ordinal) : large));
        if (byReload) Assert.Empty(await gateway.ApplyAsync(Configuration(large)));

        var field = new string('v', 3 * 1024 * 1024);
        var request = $"GET /first HTTP/1.1\r\nHost: a\r\nX-Large: {field}\r\nConnection: close\r\n\r\n";
        await using var plain = await RawConnection.OpenAsync(gateway.EndPoint("large"));
        await plain.SendAsync(request);
        Assert.StartsWith("HTTP/1.1 308", await plain.ReadToEndAsync(), StringComparison.Ordinal);
        await using var tls = await RawConnection.OpenTlsAsync(gateway.EndPoint("safe"), RawConnection.TlsOptions("localhost"));
        await tls.SendAsync(request);
        Assert.StartsWith("HTTP/1.1 308", await tls.ReadToEndAsync(), StringComparison.Ordinal);
        await using var small = await RawConnection.OpenAsync(gateway.EndPoint());
        await small.SendAsync("GET /first HTTP/1.1\r\nHost: a\r\nX-Large: " + field[..40_000] + "\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431", await small.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("headerBytes: 16MiB, headerCount: 10000, requestLineBytes: 1MiB, http2: { frameBytes: 16777215B, headerTableBytes: 1MiB, connectionWindowBytes: 1GiB, streamWindowBytes: 1GiB, maxStreams: 100000 }")]
    [InlineData("headerBytes: 1KiB, headerCount: 8, requestLineBytes: 256B, headerTimeout: 100ms, keepAliveTimeout: 1s, http2: { frameBytes: 16KiB, headerTableBytes: 0B, connectionWindowBytes: 64KiB, streamWindowBytes: 64KiB, maxStreams: 1 }")]
    public async Task Limits_at_their_bounds_start_a_listener_and_are_taken_over_by_a_running_one(string limits)
    {
        var extreme = $"extreme: {{ address: \"127.0.0.1:0\", limits: {{ {limits} }} }}";
        await using var gateway = await TestGateway.StartAsync(Configuration(extreme));
        Assert.Empty(await gateway.ApplyAsync(Configuration("extreme: { address: \"127.0.0.1:0\" }")));
        Assert.Empty(await gateway.ApplyAsync(Configuration(extreme)));

        using var client = gateway.Client();
        using var http2 = gateway.Client(HttpVersion.Version20);
        foreach (var each in (HttpClient[])[client, http2])
        {
            using var response = await each.GetAsync(gateway.Address("/first", "extreme"));
            Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
        }
    }

    private static string Configuration(string listener = "", string path = "/first") =>
        $$"""
        listeners:
          public: { address: "127.0.0.1:0" }
          {{listener}}
        routes:
          a: { match: { path: "{{path}}" }, redirect: {}, policies: { authenticate: none } }
        """;

    private static string WithCluster(string destination, string listener = "", string path = "/first") => Configuration(listener, path) + "\n" +
        $$"""
          forwarded: { match: { path: /forwarded }, cluster: main, policies: { authenticate: none } }
        clusters:
          main: { destinations: ["{{destination}}"], retries: 0, circuitBreaker: { minimumRequests: 2, openFor: 1h } }
        """;

    private static TcpListener Occupant()
    {
        var occupant = new TcpListener(IPAddress.Loopback, 0);
        occupant.Start();
        return occupant;
    }

    private static string FreeAddress()
    {
        using var occupant = Occupant();
        return occupant.LocalEndpoint.ToString()!;
    }

    private static async Task<HttpStatusCode> StatusAsync(TestGateway gateway, HttpClient client, string path)
    {
        using var response = await client.GetAsync(gateway.Address(path));
        return response.StatusCode;
    }
}
