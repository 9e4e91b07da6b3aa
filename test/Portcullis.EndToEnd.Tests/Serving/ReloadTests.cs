using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>Configurations that change while requests run.</summary>
public sealed class ReloadTests : IAsyncLifetime
{
    private const string Success = "portcullis_config_last_reload_success";

    private Upstream upstream = null!;
    private Node node = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await Upstream.StartAsync();
        node = await Node.StartAsync(Configuration("one"));
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_file_renamed_over_is_taken_and_a_broken_one_leaves_the_last_good_one_in_use()
    {
        Assert.Equal("one", await VersionHeaderAsync());

        node.Configure(Configuration("two"));
        await Eventually.HoldsAsync(async () => await VersionHeaderAsync() == "two", "the new file is taken");

        node.Configure(Configuration("three") + "nonsense: true\n");
        await Eventually.HoldsAsync(async () => await node.MetricAsync(Success) == 0, "the broken file is refused");
        Assert.Equal("two", await VersionHeaderAsync());
        Assert.Equal(1, await node.MetricAsync("portcullis_config_reload_failures_total"));
        var ready = await node.ReadyAsync();
        Assert.Equal(("ready", false), (ready.GetProperty("status").GetString(), ready.GetProperty("configurationCurrent").GetBoolean()));
        var problem = Assert.Single(ready.GetProperty("configurationProblems").EnumerateArray().Select(each => each.GetString()!));
        Assert.Matches(@"portcullis\.yaml:\d+:1: error: nonsense: unknown key 'nonsense'", problem);
        await node.Process.Error.WaitForAsync(line => line.Contains("the last good one stays", StringComparison.Ordinal) && line.Contains("nonsense", StringComparison.Ordinal));

        node.Configure(Configuration("four"));
        await Eventually.HoldsAsync(async () => await VersionHeaderAsync() == "four", "a good file is taken again");
        Assert.Equal(1, await node.MetricAsync(Success));
        Assert.Empty((await node.ReadyAsync()).GetProperty("configurationProblems").EnumerateArray());
    }

    [Fact]
    public async Task A_listener_moves_to_another_address_and_what_is_in_flight_on_the_old_one_ends_whole()
    {
        var slow = node.GetAsync(node.Plain("/slow"));
        await upstream.SlowArrived;
        var port = Ports.Free();

        node.Configure(Configuration("moved").Replace("{plain}", $"127.0.0.1:{port}", StringComparison.Ordinal));
        var moved = new Uri($"http://127.0.0.1:{port}/");
        await Eventually.HoldsAsync(() => Ports.IsOpenAsync(port), "the new address is open");
        await Eventually.HoldsAsync(async () => !await Ports.IsOpenAsync(node.PlainPort), "the old address is closed");

        using (var response = await node.GetAsync(moved)) Assert.Equal("moved", Assert.Single(response.Headers.GetValues("X-Version")));
        upstream.Release();
        using var finished = await slow.WithPatience();
        Assert.Equal("slow but whole", await finished.Content.ReadAsStringAsync());
        Assert.Equal("one", Assert.Single(finished.Headers.GetValues("X-Version")));
    }

    [Fact]
    public async Task An_address_that_is_taken_leaves_the_running_listener_alone()
    {
        using var occupant = new TcpListener(IPAddress.Loopback, 0);
        occupant.Start();
        var port = ((IPEndPoint)occupant.LocalEndpoint).Port;

        node.Configure(Configuration("moved").Replace("{plain}", $"127.0.0.1:{port}", StringComparison.Ordinal));

        await Eventually.HoldsAsync(async () => await node.MetricAsync(Success) == 0, "the address is refused");
        Assert.Contains($"127.0.0.1:{port}", (await node.ReadyAsync()).GetProperty("configurationProblems")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("one", await VersionHeaderAsync());
    }

    [Fact]
    public async Task A_renewed_certificate_is_served_without_a_reload_and_a_bad_one_is_not()
    {
        using var certificates = new TestCertificates();
        using var authority = TestCertificates.Authority("test");
        using var first = TestCertificates.Issue(authority, "first", dnsNames: "localhost");
        using var second = TestCertificates.Issue(authority, "second", dnsNames: "localhost");
        certificates.Write("server", first);
        node.Configure(Configuration("tls") + $$"""
              secure: { address: "{tls}", tls: { certificate: {{certificates.File("server.pem")}}, privateKey: {{certificates.File("server-key.pem")}} } }
            """);
        await Eventually.HoldsAsync(async () => await Ports.IsOpenAsync(node.TlsPort), "the listener is there");
        Assert.Equal("CN=first", await ServedAsync());

        certificates.Write("server", second);
        await Eventually.HoldsAsync(async () => await ServedAsync() == "CN=second", "the new certificate is served");

        File.WriteAllText(certificates.File("server.pem"), "garbage");
        await Eventually.HoldsAsync(async () => (await node.ReadyAsync()).GetProperty("listeners").GetProperty("secure").TryGetProperty("certificateProblem", out _), "the bad one is told");
        Assert.Equal("CN=second", await ServedAsync());
    }

    [Fact]
    public async Task Fifty_reloads_under_load_lose_no_request()
    {
        using var stop = new CancellationTokenSource();
        var wrong = new ConcurrentQueue<string>();
        var served = 0;
        var load = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            using var client = Node.CreateClient(worker % 2 == 0 ? HttpVersion.Version11 : HttpVersion.Version20);
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using var response = await client.GetAsync(node.Plain("/load"));
                    var body = await response.Content.ReadAsStringAsync();
                    if (response.StatusCode != HttpStatusCode.OK || body != "GET /load") wrong.Enqueue($"{response.StatusCode} {body}");
                    else Interlocked.Increment(ref served);
                }
                catch (HttpRequestException exception)
                {
                    wrong.Enqueue(exception.ToString());
                }
            }
        })).ToList();

        for (var reload = 1; reload <= 50; reload++)
        {
            node.Configure(Configuration($"reload-{reload}"));
            node.Process.HangUp();
            await Eventually.HoldsAsync(async () => await VersionHeaderAsync() == $"reload-{reload}", $"reload {reload}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(load).WithPatience();
        Assert.Empty(wrong);
        Assert.True(served > 50, $"only {served} requests were served");
        Assert.Equal(0, await node.MetricAsync("portcullis_config_reload_failures_total"));
    }

    [Fact]
    public async Task What_needs_a_restart_is_named_and_the_rest_is_taken()
    {
        node.Configure("shutdownTimeout: 3s\n" + Configuration("two").Replace("data: ./data", "data: ./elsewhere", StringComparison.Ordinal).Replace("admin: { ", "admin: { allow: [127.0.0.1/32], ", StringComparison.Ordinal));

        await Eventually.HoldsAsync(async () => await VersionHeaderAsync() == "two", "the rest is taken");
        foreach (var key in (string[])["data", "shutdownTimeout", "admin"])
            await node.Process.Error.WaitForAsync(line => line.Contains($"\"Message\":\"{key} differs from what this process was started with", StringComparison.Ordinal));

        node.Configure(Configuration("three"));
        await Eventually.HoldsAsync(async () => await VersionHeaderAsync() == "three", "the first values are back");
        Assert.Equal(3, node.Process.Error.Lines.Count(line => line.Contains("differs from what this process was started with", StringComparison.Ordinal) && line.Contains("\"EventId\":2002", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task SIGHUP_reads_the_file_again_also_where_nothing_changed()
    {
        var version = await node.VersionAsync();

        node.Process.HangUp();

        await Eventually.HoldsAsync(async () => await node.VersionAsync() > version, "the file is read again");
        Assert.False(node.Process.HasExited);
    }

    private string Configuration(string version) =>
        $$"""
        data: ./data
        admin: { address: "{admin}" }
        identity: { issuer: "https://127.0.0.1:1", accessToken: { algorithm: ES256 } }
        clusters:
          main: { destinations: ["{{upstream.Url}}"] }
        routes:
          all:
            match: { path: "/{**rest}" }
            cluster: main
            policies: { authenticate: none, transform: { response: { set: { X-Version: {{version}} } } } }
        listeners:
          plain: { address: "{plain}" }

        """;

    private async Task<string> VersionHeaderAsync()
    {
        using var response = await node.GetAsync(node.Plain());
        return response.Headers.GetValues("X-Version").Single();
    }

    private async Task<string> ServedAsync()
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, node.TlsPort);
        await using var tls = new SslStream(connection.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = static (_, _, _, _) => true }).WithPatience();
        return new X509Certificate2(tls.RemoteCertificate!).Subject;
    }
}
