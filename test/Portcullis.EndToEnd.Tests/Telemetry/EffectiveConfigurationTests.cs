using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Telemetry;

public sealed class EffectiveConfigurationTests
{
    [Fact]
    public async Task What_runs_is_logged_at_start_with_overrides_and_without_what_was_filled_in()
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
                  transform: { request: { setSecret: { X-Api-Key: "${file:key.txt}" } } }
            telemetry: { logLevel: error, otlp: { endpoint: "http://127.0.0.1:1", protocol: http, headers: "api-key=secret-of-the-collector" } }
            """,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PORTCULLIS_TEST_ISSUER"] = "https://issuer.example",
                ["PORTCULLIS__telemetry__logLevel"] = "information",
            },
            node => node.Write("key.txt", "secret-of-the-upstream\n"));

        // The file asks for errors alone; that this line is there shows that the override counts.
        var line = await node.Process.Error.WaitForAsync(line => line.Contains("Effective configuration", StringComparison.Ordinal));

        using var log = JsonDocument.Parse(line);
        Assert.Equal(2001, log.RootElement.GetProperty("EventId").GetInt32());
        var text = log.RootElement.GetProperty("Message").GetString()!;
        Assert.Contains("issuer: \"${env:PORTCULLIS_TEST_ISSUER}\"", text, StringComparison.Ordinal);
        Assert.Contains("logLevel: \"${env:PORTCULLIS__telemetry__logLevel}\"", text, StringComparison.Ordinal);
        Assert.Contains("shutdownTimeout: 9s", text, StringComparison.Ordinal);
        Assert.Contains("[redacted]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-", node.Process.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-", node.Process.Output.Text, StringComparison.Ordinal);
        using (var discovery = await node.GetAsync(node.Plain("/.well-known/openid-configuration")))
        {
            Assert.Contains("\"issuer\":\"https://issuer.example\"", await discovery.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.All(node.Process.Error.Lines, each => JsonDocument.Parse(each).Dispose());
    }

    [Theory]
    [InlineData("warning")]
    [InlineData("error")]
    public async Task What_runs_is_logged_at_start_and_after_a_reload_whatever_the_level(string level)
    {
        var yaml =
            $$"""
            data: ./data
            listeners:
              plain: { address: "{plain}" }
            admin: { enabled: false }
            routes:
              all: { match: { path: "/{**rest}" }, redirect: { port: 8443 }, policies: { authenticate: none } }
            telemetry: { logLevel: {{level}} }
            """;
        await using var node = await Node.StartAsync(yaml);
        await node.Process.Error.WaitForAsync(line => line.Contains("Effective configuration", StringComparison.Ordinal) && line.Contains("port: 8443", StringComparison.Ordinal));

        node.Configure(yaml.Replace("8443", "8444", StringComparison.Ordinal));

        await node.Process.Error.WaitForAsync(line => line.Contains("Effective configuration", StringComparison.Ordinal) && line.Contains("port: 8444", StringComparison.Ordinal));
        Assert.Equal(2, node.Process.Error.Lines.Count);
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
              all: { match: { path: "/{**rest}" }, redirect: { scheme: "${file:scheme.txt}", port: 8443 }, policies: { authenticate: none } }
            """,
            prepare: node => node.Write("scheme.txt", "https"));
        Assert.Equal("https://127.0.0.1:8443/", await LocationAsync());

        File.Move(node.Write("scheme.new", "http"), node.At("scheme.txt"), overwrite: true);

        await Eventually.HoldsAsync(async () => await LocationAsync() == "http://127.0.0.1:8443/", "the new value is taken");

        async Task<string?> LocationAsync()
        {
            using var response = await node.GetAsync(node.Plain());
            return response.Headers.Location?.ToString();
        }
    }
}
