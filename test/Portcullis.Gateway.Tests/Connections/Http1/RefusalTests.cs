using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>What the parser refuses is answered like any other refusal: a problem document with code and request id.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, int, string> Malformed => new()
    {
        { "garbage\r\n\r\n", 400, "garbage request line" },
        { "POST /\r\n\r\n", 400, "no version" },
        { "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "space after the version" },
        { "GET / HTTP/1.1\nHost: a\n\n", 400, "bare LF" },
        { "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400, "bare LF between fields" },
        { "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400, "bare CR" },
        { "GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n", 400, "field without colon" },
        { "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", 400, "space before the colon" },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n", 400, "obs-fold" },
        { "GET / HTTP/1.1\r\n: b\r\nHost: a\r\n\r\n", 400, "empty field name" },
        { "GET / HTTP/1.1\r\nX: b\r\n\r\n", 400, "missing Host" },
        { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "two Hosts" },
        { "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "bad Host" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400, "signed length" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", 400, "list of lengths" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "two lengths" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nabc", 501, "unknown coding" },
        { "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "unknown version" },
        { "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "two spaces" },
        { "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "NUL in the target" },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400, "NUL in a value" },
        { "GET /" + new string('a', 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "long target" },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('a', 40000) + "\r\n\r\n", 431, "large field" },
        { "GET / HTTP/1.1\r\nHost: a\r\n" + string.Concat(Enumerable.Repeat("X: b\r\n", 100)) + "\r\n", 431, "many fields" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10485761\r\n\r\n", 413, "large body" },
        { "\0\0\0\0", 400, "NULs" },
        { "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 400, "TLS hello" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Malformed_request_gets_a_problem_document(string request, int status, string what)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(request);

        AssertProblem(await client.ReadToEndAsync(), status, what);
    }

    [Fact]
    public async Task Refusal_of_a_head_request_has_no_body()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n");
        var response = await client.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /\r\n")]
    [InlineData("GET / \r\n\r\n")]
    [InlineData("GET /path?query\r\nHost: a\r\n\r\n")]
    [InlineData("GET /\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task Request_of_http_0_9_is_refused_by_silence(string request)
    {
        var seen = new TaskCompletionSource<string>();
        await using var listener = await TestListener.StartAsync(TestListener.Plain, services: TestListener.Services with { Refusals = new TellingRefusals(seen) });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(request);

        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        Assert.Contains(" 400 ", await seen.Task.WaitAsync(Eventually.Patience), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_know_the_client_and_what_was_read()
    {
        var seen = new TaskCompletionSource<string>();
        await using var listener = await TestListener.StartAsync(TestListener.Plain, services: TestListener.Services with { Refusals = new TellingRefusals(seen) });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("GET /path HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n");

        Assert.StartsWith("127.0.0.1 GET /path 400 ", await seen.Task.WaitAsync(Eventually.Patience), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_head_that_never_ends_is_answered_408()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain with { Limits = new ListenerLimits { HeaderTimeout = TimeSpan.FromSeconds(1) } });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n");

        AssertProblem(await client.ReadToEndAsync(), 408, "slow head");
    }

    [Fact]
    public async Task Refusal_over_tls_is_a_problem_document_too()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);
        await using var client = await RawConnection.OpenTlsAsync(listener.EndPoint, RawConnection.TlsOptions("localhost"));
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n");

        AssertProblem(await client.ReadToEndAsync(), 400, "over TLS");
    }

    [Fact]
    public async Task Answered_requests_before_a_malformed_one_stay_answered()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n");
        var all = await client.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200", all, StringComparison.Ordinal);
        AssertProblem(all[all.LastIndexOf("HTTP/1.1 4", StringComparison.Ordinal)..], 400, "second of two");
    }

    [Fact]
    public async Task Refusal_that_throws_leaves_the_bare_status()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain, services: TestListener.Services with { Refusals = new ThrowingRefusals() });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("garbage\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await using var next = await RawConnection.OpenAsync(listener.EndPoint);
        await next.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await next.ReadResponseAsync(), StringComparison.Ordinal);
    }

    private static void AssertProblem(string response, int status, string what)
    {
        Assert.True(response.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {response}");
        Assert.Contains("Content-Type: application/problem+json\r\n", response, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", response, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", response, StringComparison.Ordinal);
        var body = response[(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        using var problem = JsonDocument.Parse(body);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.StartsWith("request.", problem.RootElement.GetProperty("code").GetString(), StringComparison.Ordinal);
        Assert.Contains($"X-Request-Id: {problem.RootElement.GetProperty("requestId").GetString()}\r\n", response, StringComparison.Ordinal);
    }

    private sealed class TellingRefusals(TaskCompletionSource<string> seen) : IRefusals
    {
        public RefusalReply Answer(IFeatureCollection request, int status, string cause, bool isHeadWhole)
        {
            var read = request.GetRequiredFeature<IHttpRequestFeature>();
            seen.TrySetResult($"{request.GetRequiredFeature<ClientConnection>().Client.Address} {read.Method} {read.RawTarget} {status} {cause}");
            return new ProblemRefusals().Answer(request, status, cause, isHeadWhole);
        }
    }

    private sealed class ThrowingRefusals : IRefusals
    {
        public RefusalReply Answer(IFeatureCollection request, int status, string cause, bool isHeadWhole) => throw new InvalidOperationException("broken");
    }
}
