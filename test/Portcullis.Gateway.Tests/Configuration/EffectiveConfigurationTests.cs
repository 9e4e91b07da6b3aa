using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Tests.Configuration;

public class EffectiveConfigurationTests
{
    private const string Full = """
        data: ./data
        listeners:
          public:
            address: "[::1]:8443"
            tls: { minimumVersion: "1.2", clientCertificate: none }
            firewall: { default: deny, allow: [10.0.0.0/8, "2001:db8::/32"], deny: [] }
          plain: { address: 127.0.0.1:8080, limits: { bodyBytes: 12345 } }
        clusters:
          orders:
            destinations: ["http://127.0.0.1:9001", { url: "https://[::1]:9002", weight: 0 }]
            balance: hash
            hash: { on: header, name: "X-Key: \"odd\" # no comment" }
            retryBudget: 0.125
        routes:
          orders:
            match: { path: "/orders/{**rest}", methods: [GET], headers: { name: X-A, exact: "$${env:X} null" } }
            split: [{ cluster: orders, weight: 1 }]
            timeout: 1500ms
            policies:
              authenticate: { methods: token, forwardAuthorization: false }
              authorize: { permissions: [orders:read] }
              rateLimit: [{ by: address, limit: 50, period: 1s }, { by: caller, limit: 1000, period: 1m, mode: shadow }]
        identity: { issuer: "https://api.example.com", externalIssuers: { issuer: "https://login.example.com", audience: "null" } }
        """;

    [Fact]
    public void It_loads_to_the_same_configuration()
    {
        var loaded = Load.Text(Full);
        var yaml = EffectiveConfiguration.ToYaml(loaded);
        var again = Load.Text(yaml);

        Assert.True(again.Options is not null, Load.Report(again) + "\n" + yaml);
        Assert.Equal(yaml, EffectiveConfiguration.ToYaml(again));
        Assert.Empty(ConfigurationDiff.Compare(loaded, again).Changes);
    }

    [Fact]
    public void It_writes_defaults_and_overrides()
    {
        var yaml = EffectiveConfiguration.ToYaml(Load.Text(Load.Minimal, ("PORTCULLIS__shutdownTimeout", "3s")));

        Assert.Contains("    bodyBytes: 10MiB\n".Trim(), yaml, StringComparison.Ordinal);
        Assert.Contains("minimumBodyRate: \"240B/s\"", yaml.Replace("minimumBodyRate: 240B/s", "minimumBodyRate: \"240B/s\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("shutdownTimeout: \"${env:PORTCULLIS__shutdownTimeout}\"", yaml, StringComparison.Ordinal);
        Assert.Contains("data: portcullis-data", yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("telemetry: { otlp: { endpoint: \"http://127.0.0.1:4317\", headers: \"${env:P}\" } }", "headers: \"${env:P}\"")]
    [InlineData("telemetry: { otlp: { endpoint: \"http://${env:P}:4317\" } }", "endpoint: \"http://${env:P}:4317\"")]
    [InlineData("telemetry: { otlp: \"http://${env:P}:4317\" }", "endpoint: \"http://${env:P}:4317\"")]
    [InlineData("telemetry: { decisionLog: \"${env:P}\" }", "decisionLog: \"${env:P}\"")]
    [InlineData("telemetry: { otlp: { endpoint: \"http://127.0.0.1:4317\", headers: hunter2hunter2 } }", "headers: \"[redacted]\"")]
    public void No_filled_in_value_and_no_secret_is_shown(string line, string expected)
    {
        var yaml = EffectiveConfiguration.ToYaml(Load.Text(Load.Minimal + line, ("P", "hunter2hunter2")));

        Assert.Contains(expected, yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"http://${env:P}:1\"")]
    [InlineData("[\"http://${env:P}:1\"]")]
    [InlineData("[\"http://127.0.0.1:1\", \"http://${env:P}:1\"]")]
    [InlineData("[{ url: \"http://${env:P}:1\" }]")]
    [InlineData("{ url: \"http://${env:P}:1\" }")]
    public void A_placeholder_is_kept_in_every_form_of_a_list(string destinations)
    {
        var yaml = EffectiveConfiguration.ToYaml(Load.Text(Load.Minimal.Replace("[\"http://127.0.0.1:9001\"]", destinations, StringComparison.Ordinal), ("P", "hunter2hunter2")));

        Assert.Contains("url: \"http://${env:P}:1\"\n        weight: 1\n", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{ by: address, limit: 5, period: \"${env:P}\" }]")]
    [InlineData("{ by: address, limit: 5, period: \"${env:P}\" }")]
    [InlineData("{ limits: { by: address, limit: 5, period: \"${env:P}\" } }")]
    [InlineData("{ limits: [{ by: address, limit: 5, period: \"${env:P}\" }] }")]
    public void A_placeholder_is_kept_in_every_form_of_a_policy(string limits)
        => Assert.Contains(
            "period: \"${env:P}\"",
            EffectiveConfiguration.ToYaml(Load.Text(Load.Minimal.Replace("authenticate: token", "authenticate: token, rateLimit: " + limits, StringComparison.Ordinal), ("P", "77s"))),
            StringComparison.Ordinal);
}
