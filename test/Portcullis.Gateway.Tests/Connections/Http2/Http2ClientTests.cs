using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Tests.Connections.Http1;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>A client that others wrote, with frames, windows and field blocks of its own making.</summary>
public sealed class Http2ClientTests
{
    private const int Streams = 100;

    private static readonly ListenerLimits Limits = new() { BodyBytes = 1 << 30, MinimumBodyRate = 0, MinimumResponseRate = 0 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hundred_streams_at_once_carry_each_its_own_octets_both_ways(bool isTls)
    {
        await using var listener = await TestListener.StartAsync((isTls ? TestListener.Tls : TestListener.Plain) with { Limits = Limits }, new EchoApplication { Handler = MirrorAsync });
        using var client = Client();
        var address = new Uri($"{(isTls ? "https" : "http")}://127.0.0.1:{listener.EndPoint.Port}/");
        await Parallel.ForAsync(0, 3 * Streams, new ParallelOptions { MaxDegreeOfParallelism = Streams }, async (i, cancel) =>
        {
            var random = new Random(i);
            var up = new byte[Size(random)];
            random.NextBytes(up);
            var down = Size(random);
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(up) };
            if (i % 3 == 0) request.Headers.TransferEncodingChunked = true; // no length is stated
            request.Headers.Add("X-Down", $"{down}");
            request.Headers.Add("X-Seed", $"{i}");
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            var body = await response.Content.ReadAsByteArrayAsync(cancel);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal([.. up, .. Octets(i, down)], body);
            Assert.Equal($"{body.Length}", response.TrailingHeaders.GetValues("X-Length").Single());
        });

        Assert.InRange(listener.Counters.Open, 1, 4);
    }

    [Fact]
    public async Task Fields_of_many_responses_are_read_as_they_were_set()
    {
        await using var listener = await Answer.ListenAsync(static context =>
        {
            var i = int.Parse(context.GetRequiredPath()[1..]);
            foreach (var (name, value) in FieldsOf(i)) context.Response().Headers[name] = value;
            context.Response().StatusCode = 200 + (i % 5 == 4 ? 201 : 0);
            return Task.CompletedTask;
        });
        using var client = Client();
        for (var i = 0; i < 500; i++)
        {
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{listener.EndPoint.Port}/{i}"));
            Assert.Equal(200 + (i % 5 == 4 ? 201 : 0), (int)response.StatusCode);
            foreach (var (name, value) in FieldsOf(i)) Assert.Equal(value, response.Headers.GetValues(name).Single());
            Assert.Equal(FieldsOf(i).Count(), response.Headers.Count(field => field.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase)));
        }

        Assert.Equal(1, listener.Counters.Open);

        // Some that stay the same, some that change slowly, some new, some too large for any table.
        static IEnumerable<(string Name, string Value)> FieldsOf(int i)
        {
            yield return ("X-Same", "the same in each response");
            yield return ("X-Slow", $"slow {i / 10}");
            yield return ("X-New", $"new {i}");
            yield return ($"X-Name-{i % 40}", $"{i}");
            if (i % 7 == 0) yield return ("X-Long", new string((char)('a' + (i % 26)), 100 + (i * 11)));
            if (i % 3 == 0) yield return ("X-Empty", string.Empty);
        }
    }

    [Fact]
    public async Task Cancelled_requests_leave_the_connection_as_good_as_before()
    {
        await using var listener = await Answer.ListenAsync(MirrorAsync, limits: Limits with { Http2 = new Http2Limits { Resets = 100_000 } });
        using var client = Client();
        var address = new Uri($"http://127.0.0.1:{listener.EndPoint.Port}/");
        for (var i = 0; i < 200; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(new byte[50_000]) };
            request.Headers.Add("X-Down", "1000000");
            request.Headers.Add("X-Seed", "1");
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        using var last = await client.PostAsync(address, new ByteArrayContent(new byte[3]));
        Assert.Equal(3, (await last.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(1, listener.Counters.Open);
    }

    private static HttpClient Client() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    })
    {
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = Eventually.Patience,
    };

    private static int Size(Random random) => random.Next(4) switch { 0 => random.Next(3), 1 => random.Next(2000), 2 => random.Next(70_000), _ => random.Next(300_000) };

    private static byte[] Octets(int seed, int length)
    {
        var octets = new byte[length];
        new Random(seed + 1000).NextBytes(octets);
        return octets;
    }

    /// <summary>Answers with the body and octets of its own behind it. The client reads nothing before it has sent all.</summary>
    private static async Task MirrorAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (request.Headers["X-Down"] is [{ } down]) body.Write(Octets(int.Parse(request.Headers["X-Seed"]!), int.Parse(down)));
        foreach (var part in body.ToArray().Chunk(10_000)) await context.Writer().WriteAsync(part);
        context.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["X-Length"] = $"{body.Length}";
    }
}
