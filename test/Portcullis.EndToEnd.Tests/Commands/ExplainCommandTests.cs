using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Commands;

/// <summary><c>explain REQUEST-ID</c>, as an operator types it after a caller has complained.</summary>
public sealed class ExplainCommandTests : IDisposable
{
    private const string Known = "0123456789abcdef0123456789abcdef";

    private readonly TemporaryDirectory directory = new();
    private readonly int port = Ports.Free();

    public ExplainCommandTests()
    {
        directory.Write("rules.conf", """SecRule ARGS "@contains attack" "id:1,phase:2,deny,status:403,msg:'An attack',severity:CRITICAL" """);
        directory.Write("portcullis.yaml", string.Create(CultureInfo.InvariantCulture, $$"""
            listeners: { public: { address: "127.0.0.1:{{port}}" } }
            clusters: { none: { destinations: ["http://127.0.0.1:1"] } }
            telemetry: { decisionLog: decisions.jsonl }
            waf: { rules: [rules.conf] }
            routes:
              open: { match: { path: "/open/{**rest}" }, cluster: none, policies: { authenticate: none, waf: block, rateLimit: [{ by: address, limit: 1000, period: 1m }] } }
              shut: { match: { path: "/shut" }, cluster: none, policies: { authenticate: token, authorize: { permissions: [shut:read] } } }
            identity: { issuer: "http://127.0.0.1" }
            """));
    }

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Each_layer_is_told_with_what_became_of_the_request_there()
    {
        await using var gateway = GatewayProcess.Start(directory.Path, null, "serve");
        await Task.WhenAny(gateway.Output.WaitForAsync(line => line.Contains("portcullis runs", StringComparison.Ordinal)), gateway.ExitAsync()).WithPatience();
        Assert.False(gateway.HasExited, gateway.Error.Text);

        var failed = await ExplainAsync("/open/a", HttpStatusCode.BadGateway);
        Assert.Contains("  passed       match           route open\n", failed, StringComparison.Ordinal);
        Assert.Contains("  passed       LimitAddress    rateLimit\n", failed, StringComparison.Ordinal);
        Assert.Contains("  passed       InspectBody     waf\n", failed, StringComparison.Ordinal);
        Assert.Contains("  failed       terminal        ", failed, StringComparison.Ordinal);

        var blocked = await ExplainAsync("/open/a?q=attack", HttpStatusCode.Forbidden);
        Assert.Contains("  refused      InspectBody     waf\n", blocked, StringComparison.Ordinal);
        Assert.Contains("waf.blocked: rule 1 in phase 2\n", blocked, StringComparison.Ordinal);
        Assert.Contains("  not reached  terminal        upstream\n", blocked, StringComparison.Ordinal);
        Assert.Contains("    ARGS:q = a…(6)", blocked, StringComparison.Ordinal);

        var unknown = await ExplainAsync("/shut", HttpStatusCode.Unauthorized);
        Assert.Contains("  refused      Authenticate    authenticate\n", unknown, StringComparison.Ordinal);
        Assert.Contains("  not reached  Authorize       authorize\n", unknown, StringComparison.Ordinal);

        var lost = await ExplainAsync("/nowhere", HttpStatusCode.NotFound);
        Assert.Contains("  refused      match           route\n", lost, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_found_in_what_was_rotated_away_too()
    {
        await using (var file = File.Create(directory.At("decisions.jsonl.2.gz")))
        await using (var packed = new GZipStream(file, CompressionLevel.Fastest))
            await packed.WriteAsync(System.Text.Encoding.UTF8.GetBytes($$"""{"time":"2026-01-01T00:00:00Z","requestId":"{{Known}}","status":200,"route":"gone\u001b[2J"}""" + "\n"));

        var (code, output, _) = await GatewayProcess.RunAsync(directory.Path, "explain", Known, "--output", "json");
        Assert.Equal(0, code);
        Assert.Equal(200, JsonDocument.Parse(output).RootElement.GetProperty("status").GetInt32());
        Assert.DoesNotContain('\u001b', (await GatewayProcess.RunAsync(directory.Path, "explain", Known)).Output);
    }

    [Theory]
    [InlineData("1234", "1234 is no request id")]
    [InlineData(Known, "is not in")]
    public async Task What_is_not_there_is_told_with_a_hint(string id, string problem)
    {
        var (code, _, error) = await GatewayProcess.RunAsync(directory.Path, "explain", id);

        Assert.Equal(1, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.Contains("  hint: ", error, StringComparison.Ordinal);
    }

    private async Task<string> ExplainAsync(string target, HttpStatusCode expected)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{port}{target}"));
        Assert.Equal(expected, response.StatusCode);
        var id = Assert.Single(response.Headers.GetValues("X-Request-Id"));
        var explained = (Code: 1, Output: string.Empty, Error: string.Empty);
        await Eventually.HoldsAsync(async () => (explained = await GatewayProcess.RunAsync(directory.Path, "explain", id)).Code == 0, "the line is written");
        return explained.Output + "\n";
    }
}
