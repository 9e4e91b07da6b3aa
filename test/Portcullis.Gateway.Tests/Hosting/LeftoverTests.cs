using System.Collections.Concurrent;
using System.Net;
using Portcullis.Gateway.Tests.Forwarding;
using Portcullis.Gateway.Tests.Forwarding.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Hosting;

/// <summary>What exchanges leave behind that break, at either end and in either protocol: nothing.</summary>
[Collection(nameof(AloneCollection))]
public sealed class LeftoverTests : IAsyncLifetime
{
    private const string StalledBody = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";

    private const int Exchanges = 1000;

    /// <summary>Of an exchange, on the average. The state of a request or a connection that stays is more.</summary>
    private const int MostOctetsLeft = 512;

    /// <summary>A pool grows now and then, and what nobody uses any more goes at some time; what exchanges leave, they leave each time.</summary>
    private const int Attempts = 8;

    // By path: how the upstream breaks it. Where it does not, the client does.
    private static readonly Dictionary<string, (Func<RawUpstreamConnection, Task> Http1, Func<RawHttp2Upstream, int, Task> Http2)> Ways = new(StringComparer.Ordinal)
    {
        ["silent"] = (_ => Task.CompletedTask, (_, _) => Task.CompletedTask),
        ["upload"] = (_ => Task.CompletedTask, (_, _) => Task.CompletedTask),
        ["stalled-body"] = (peer => peer.SendAsync(StalledBody), SendHalfAsync),
        ["broken-body"] = (peer => EndAsync(peer, StalledBody), BreakOffAsync),
        ["broken-head"] = (peer => EndAsync(peer, "HTTP/1.1 200 O"), (peer, stream) => peer.ResetAsync(stream, 2)),
        ["garbage"] = (peer => EndAsync(peer, "garbage\n"), (peer, stream) => peer.SendDataAsync(stream, 3)),
        ["reset"] = (peer => Task.Run(peer.Reset), (peer, _) => Task.Run(peer.Connection.Reset)),
    };

    private readonly SemaphoreSlim arrived = new(0);
    private readonly ConcurrentDictionary<string, int> arrivals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RawUpstream> upstreams = new(StringComparer.Ordinal);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var upstream in upstreams.Values) await upstream.DisposeAsync();
        arrived.Dispose();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Nothing_is_left_of_thousands_of_broken_exchanges(string version)
    {
        await using var gateway = await StartAsync(isHttp2: version == "2.0");

        // The first ones are not measured: they make what later ones use again.
        await BreakManyAsync(gateway, version);
        var before = Held();
        var growth = new List<long>();
        do
        {
            await BreakManyAsync(gateway, version);
            var now = Held();
            growth.Add(now - before);
            before = now;
        }
        while (Math.Abs(growth[^1]) > Exchanges * MostOctetsLeft && growth.Count < Attempts);

        Assert.True(Math.Abs(growth[^1]) <= Exchanges * MostOctetsLeft, $"octets more after each {Exchanges} exchanges: {string.Join(", ", growth)}");
        Assert.All(Ways.Keys, way => Assert.True(arrivals[way] > Exchanges / Ways.Count / 2, $"only {arrivals[way]} exchanges broke by {way}"));
    }

    private static long Held()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task EndAsync(RawUpstreamConnection peer, string octets)
    {
        await peer.SendAsync(octets);
        peer.Close();
    }

    private static async Task SendHalfAsync(RawHttp2Upstream peer, int stream)
    {
        await peer.SendHeadAsync(stream, false, (":status", "200"), ("content-length", "100"));
        await peer.SendDataAsync(stream, 3);
    }

    private static async Task BreakOffAsync(RawHttp2Upstream peer, int stream)
    {
        await SendHalfAsync(peer, stream);
        await peer.ResetAsync(stream, 2);
    }

    private async Task BreakManyAsync(TestGateway gateway, string version)
    {
        using (var client = gateway.Client(Version.Parse(version)))
        {
            var ways = Ways.Keys.ToList();
            await Parallel.ForAsync(0, Exchanges, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) => await BreakAsync(client, gateway, ways[number % ways.Count])).WithPatience();
        }

        await Eventually.HoldsAsync(() => gateway.Host.Listeners["public"].Counters.Open == 0, "all client connections are closed");
        await Eventually.HoldsAsync(() => gateway.Host.State.Clusters.Describe().All(cluster => cluster.Destinations.All(destination => destination.InFlight == 0)), "all tries have ended");
    }

    private async Task BreakAsync(HttpClient client, TestGateway gateway, string way)
    {
        using var gone = new CancellationTokenSource();
        using var request = new HttpRequestMessage(way == "upload" ? HttpMethod.Post : HttpMethod.Get, gateway.Address("/" + way));
        if (way == "upload") request.Content = new BrokenContent();
        try
        {
            var answer = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, gone.Token);
            if (way == "silent")
            {
                await Task.WhenAny(answer, arrived.WaitAsync(gone.Token));
                await gone.CancelAsync();
            }

            using var response = await answer;
            await using var body = await response.Content.ReadAsStreamAsync(CancellationToken.None);
            if (way == "stalled-body") await body.ReadExactlyAsync(new byte[3]);
            else await body.CopyToAsync(Stream.Null);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            // It is meant to break.
        }
    }

    private Task<TestGateway> StartAsync(bool isHttp2)
    {
        foreach (var (way, (http1, http2)) in Ways)
        {
            upstreams[way] = isHttp2
                ? RawHttp2Upstream.Start((peer, stream) => ArriveAsync(way, () => http2(peer, stream)))
                : RawUpstream.Start((peer, _) => ArriveAsync(way, () => http1(peer)));
        }

        string Lines(Func<string, string> line) => string.Join('\n', Ways.Keys.Select(line));
        return TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: "127.0.0.1:0", limits: { connections: 100000, connectionsPerAddress: 100000, http2: { resets: 100000 } } }
            clusters:
            {{Lines(way => $"  {way}: {{ destinations: [\"{upstreams[way].Address}\"], protocol: {(isHttp2 ? "http2" : "http1")}, retries: 0, health: {{ passive: false }}, circuitBreaker: {{ failureRatio: 1 }} }}")}}
            routes:
            {{Lines(way => $"  {way}: {{ match: {{ path: /{way} }}, cluster: {way}, policies: {{ authenticate: none }} }}")}}
            """);
    }

    private Task ArriveAsync(string way, Func<Task> answer)
    {
        arrivals.AddOrUpdate(way, 1, static (_, count) => count + 1);
        if (way == "silent") arrived.Release();
        return answer();
    }

    /// <summary>Promises a hundred octets, sends three and breaks off.</summary>
    private sealed class BrokenContent : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("abc"u8.ToArray());
            await stream.FlushAsync();
            throw new IOException("meant to break");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 100;
            return true;
        }
    }
}
