using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Telemetry;

public sealed class EffectiveConfigurationTests
{
    [Fact]
    public async Task What_runs_is_logged_at_start_with_all_values_filled_in_and_secrets_redacted()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var node = await Node.StartAsync(
            $$"""
            data: ./data
            shutdownTimeout: 9s
            listeners:
              plain: { address: "{plain}" }
            admin: { address: "{admin}" }
            identity: { issuer: "${env:PORTCULLIS_TEST_ISSUER}", accessToken: { algorithm: ES256 } }
            clusters:
              main: { destinations: ["{{upstream.Url}}"] }
            routes:
              all:
                match: { path: "/{**rest}" }
                cluster: main
                policies:
                  authenticate: none
                  transform: { request: { set: { X-Tenant: "${file:tenant.txt}" }, setSecret: { X-Api-Key: "${file:key.txt}" } } }
            telemetry: { logLevel: debug, otlp: { endpoint: "http://127.0.0.1:1", protocol: http, headers: "api-key=${env:PORTCULLIS_TEST_OTLP_KEY}" } }
            """,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PORTCULLIS_TEST_ISSUER"] = "https://issuer.example",
                ["PORTCULLIS_TEST_OTLP_KEY"] = "secret-of-the-collector",
                ["PORTCULLIS__telemetry__logLevel"] = "information",
                ["PORTCULLIS__shutdownTimeout"] = "7s",
            },
            node =>
            {
                node.Write("tenant.txt", "blue\n");
                node.Write("key.txt", "secret-of-the-upstream\n");
            });

        var line = await node.Process.Error.WaitForAsync(line => line.Contains("Effective configuration", StringComparison.Ordinal));

        using var log = JsonDocument.Parse(line);
        Assert.Equal(2001, log.RootElement.GetProperty("EventId").GetInt32());
        var text = log.RootElement.GetProperty("Message").GetString()!;
        Assert.Contains("issuer: https://issuer.example", text, StringComparison.Ordinal);
        Assert.Contains("X-Tenant: blue", text, StringComparison.Ordinal);
        Assert.Contains("logLevel: information", text, StringComparison.Ordinal);
        Assert.Contains("shutdownTimeout: 7s", text, StringComparison.Ordinal);
        Assert.Contains("[redacted]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-", node.Process.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-", node.Process.Output.Text, StringComparison.Ordinal);
        Assert.All(node.Process.Error.Lines, each => JsonDocument.Parse(each).Dispose());
    }

    [Fact]
    public async Task A_changed_file_that_is_filled_in_is_a_changed_configuration()
    {
        await using var node = await Node.StartAsync(
            """
            data: ./data
            listeners:
              plain: { address: "{plain}" }
            admin: { address: "{admin}" }
            routes:
              all: { match: { path: "/{**rest}" }, redirect: { url: "${file:target.txt}" }, policies: { authenticate: none } }
            """,
            prepare: node => node.Write("target.txt", "https://one.example/"));
        Assert.Equal("https://one.example/", await LocationAsync());

        File.Move(node.Write("target.new", "https://two.example/"), node.At("target.txt"), overwrite: true);

        await Eventually.HoldsAsync(async () => await LocationAsync() == "https://two.example/", "the new target is taken");

        async Task<string?> LocationAsync()
        {
            using var response = await node.GetAsync(node.Plain());
            return response.Headers.Location?.ToString();
        }
    }
}
