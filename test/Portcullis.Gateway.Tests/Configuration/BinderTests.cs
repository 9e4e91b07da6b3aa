using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.RateLimit;

namespace Portcullis.Gateway.Tests.Configuration;

public class BinderTests
{
    [Fact]
    public void Every_kind_of_value_is_bound()
    {
        var options = Load.Options(
            """
            shutdownTimeout: 90s
            listeners:
              public:
                address: 127.0.0.1:8443
                protocols: http1
                tls: { minimumVersion: 1.3 }
                trustedProxies: 10.0.0.0/8
                limits: { headerTimeout: 500ms, bodyBytes: 32KiB, headerBytes: 2048, minimumBodyRate: 1KiB/s, http2: { maxStreams: 7 } }
            clusters:
              orders:
                destinations: ["http://127.0.0.1:9001", { url: "http://127.0.0.1:9002", weight: 3 }]
                balance: leastRequests
                retryBudget: 0.25
                preserveHost: false
                tryTimeout: 1s
                affinity: session
            routes:
              orders:
                match: { path: /orders, methods: [GET] }
                cluster: orders
                policies:
                  authenticate: token
                  rateLimit: { by: address, limit: 50, period: 1m }
            identity: { issuer: "https://api.example.com" }
            """);

        var listener = options.Listeners["public"];
        var cluster = options.Clusters["orders"];
        Assert.Equal(TimeSpan.FromSeconds(90), options.ShutdownTimeout);
        Assert.Equal(8443, listener.Address.EndPoint.Port);
        Assert.Equal([HttpVersionName.Http1], listener.Protocols);
        Assert.Equal(TlsVersion.Tls13, listener.Tls!.MinimumVersion);
        Assert.Equal("10.0.0.0/8", Assert.Single(listener.TrustedProxies).ToString());
        Assert.Equal((TimeSpan.FromMilliseconds(500), 32 * 1024L, 2048L, 1024L, 7), (listener.Limits.HeaderTimeout, listener.Limits.BodyBytes, listener.Limits.HeaderBytes, listener.Limits.MinimumBodyRate, listener.Limits.Http2.MaxStreams));
        Assert.Equal([("http://127.0.0.1:9001", 1), ("http://127.0.0.1:9002", 3)], cluster.Destinations.Select(one => (one.Url.OriginalString, one.Weight)));
        Assert.Equal((Balance.LeastRequests, 0.25, false, TimeSpan.FromSeconds(1), "session"), (cluster.Balance, cluster.RetryBudget, cluster.PreserveHost, cluster.TryTimeout, cluster.Affinity!.Cookie));
        var policies = options.Routes["orders"].Policies;
        Assert.Equal([AuthenticationMethod.Token], policies.Find<AuthenticateOptions>("authenticate")!.Methods);
        Assert.Equal((LimitBy.Address, 50L, TimeSpan.FromMinutes(1)), policies.Find<RateLimitOptions>("rateLimit")!.Limits is [var limit] ? (limit.By, limit.Limit, limit.Period) : default);
    }

    [Theory]
    [InlineData("shutdownTimeout: 10", "expected a duration in ms, s, m, h or d, found '10'")]
    [InlineData("shutdownTimeout: 1.5s", "expected a duration in ms, s, m, h or d, found '1.5s'")]
    [InlineData("shutdownTimeout: -5s", "expected a duration in ms, s, m, h or d, found '-5s'")]
    [InlineData("shutdownTimeout: 99999999999d", "expected a duration in ms, s, m, h or d, found '99999999999d'")]
    [InlineData("shutdownTimeout: 2h", "must be from 0s to 1h, found '2h'")]
    [InlineData("shutdownTimeout: [1s]", "expected a duration in ms, s, m, h or d, found a list")]
    [InlineData("shutdownTimeout: { a: 1s }", "expected a duration in ms, s, m, h or d, found keys and values")]
    [InlineData("shutdownTimeout:", "has no value")]
    [InlineData("shutdownTimeout: ~", "has no value")]
    [InlineData("shutdownTimeout: null", "has no value")]
    [InlineData("data: \"\"", "expected a file name, found ''")]
    [InlineData("data: \"a\\nb\"", "holds a line break or another control character")]
    [InlineData("data: \"a\\0b\"", "holds a line break or another control character")]
    [InlineData("telemetry: { maskAddresses: yes }", "expected true or false, found 'yes'")]
    [InlineData("telemetry: { maskAddresses: True }", "expected true or false, found 'True'")]
    [InlineData("telemetry: { logLevel: Debug }", "expected debug, information, warning or error, found 'Debug'")]
    [InlineData("telemetry: [a]", "expected keys and values such as { decisionLog: …, maskAddresses: … }, found a list")]
    [InlineData("telemetry: { otlp: { endpoint: \"ftp://h\" } }", "expected an http or https URL, found 'ftp://h'")]
    [InlineData("telemetry: { otlp: { endpoint: \"http://u:p@h\" } }", "expected an http or https URL, found 'http://u:p@h'")]
    [InlineData("telemetry: { otlp: { endpoint: \"http://h\", sampleRatio: 1.01 } }", "must be from 0 to 1, found '1.01'")]
    [InlineData("telemetry: { otlp: { endpoint: \"http://h\", sampleRatio: NaN } }", "expected a number, found 'NaN'")]
    [InlineData("telemetry: { otlp: { endpoint: \"http://h\", sampleRatio: 1e-1 } }", "expected a number, found '1e-1'")]
    [InlineData("telemetry: { otlp: { } }", "'endpoint' is missing")]
    [InlineData("admin: { allow: [10.0.0.1/8] }", "expected an address or a block of addresses, found '10.0.0.1/8'")]
    [InlineData("admin: { enabled: 1 }", "expected true or false, found '1'")]
    public void A_wrong_value_is_refused_with_what_was_expected(string yaml, string message)
        => Assert.Equal(message, Load.Error(Load.Minimal + yaml).Message);

    [Theory]
    [InlineData("010")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("+1")]
    [InlineData("--1")]
    [InlineData("1.0")]
    [InlineData("１")]
    [InlineData(" 1")]
    [InlineData("99999999999999999999")]
    public void A_number_that_readers_of_yaml_disagree_about_is_refused(string number)
        => Assert.Equal($"expected a whole number, found '{number}'", Load.Error(Load.Minimal.Replace("destinations:", $"retries: \"{number}\", destinations:", StringComparison.Ordinal)).Message);

    [Theory]
    [InlineData("10KB")]
    [InlineData("10 MiB")]
    [InlineData("1.5MiB")]
    [InlineData("-1")]
    [InlineData("9999999999999GiB")]
    public void A_size_with_an_ambiguous_unit_is_refused(string size)
        => Assert.Equal($"expected a size in B, KiB, MiB or GiB, found '{size}'", Load.Error(WithLimit("bodyBytes", size)).Message);

    [Theory]
    [InlineData("240B/m")]
    [InlineData("240/s")]
    [InlineData("/s")]
    [InlineData("")]
    public void A_rate_is_bytes_per_second(string rate)
        => Assert.Equal($"expected a rate in B/s, KiB/s or MiB/s, found '{rate}'", Load.Error(WithLimit("minimumBodyRate", rate)).Message);

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ümlaut")]
    [InlineData("${env:X}")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789")]
    public void A_name_outside_the_rule_is_refused(string name)
        => Assert.EndsWith("can't be a name", Load.Error(Load.Minimal.Replace("clusters:", $"clusters:\n  \"{name}\": {{ destinations: [\"http://127.0.0.1:1\"] }}", StringComparison.Ordinal)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_written_twice_is_refused_where_it_stands()
    {
        var error = Load.Error(Load.Minimal + "data: ./a\ndata: ./b\n");

        Assert.Equal(("data", "'data' is written twice", 12, 1), (error.Path, error.Message, error.Line, error.Column));
        Assert.Equal("remove one; the first is in line 11", error.Hint);
    }

    [Theory]
    [InlineData("routs: {}", "routs", "did you mean 'routes'?")]
    [InlineData("Routes: {}", "Routes", "did you mean 'routes'?")]
    [InlineData("xyzzy: {}", "xyzzy", "known: admin, clusters, data, dataClasses, identity, keys, listeners, roles, routes, separationOfDuties, shutdownTimeout, storage, telemetry, waf")]
    [InlineData("playbooks: {}", "playbooks", "not supported by this version; remove it")]
    [InlineData("\"a\\u001b[31mb\": 1", "a\\u001B[31mb", "known: admin, clusters, data, dataClasses, identity, keys, listeners, roles, routes, separationOfDuties, shutdownTimeout, storage, telemetry, waf")]
    public void An_unknown_key_is_refused_with_the_nearest_known_one(string yaml, string path, string hint)
    {
        var error = Load.Error(Load.Minimal + yaml);

        Assert.Equal((path, hint), (error.Path, error.Hint));
    }

    [Theory]
    [InlineData("schema: { openapi: orders.yaml }")]
    [InlineData("cache: { enabled: true }")]
    public void A_policy_of_a_later_version_is_named_as_such(string policy)
        => Assert.Equal("not supported by this version; remove it", Load.Error(Load.Minimal.Replace("authenticate: token", "authenticate: token, " + policy, StringComparison.Ordinal)).Hint);

    [Fact]
    public void A_broken_part_hides_no_mistake_in_another()
    {
        var result = Load.Text(
            """
            listeners: { public: { address: nowhere } }
            clusters: { orders: { destinations: [] } }
            routes:
              a: { match: { path: /, listeners: [public, other] }, cluster: orders, policies: { authenticate: never } }
            identity: { issuer: 5 }
            """);

        Assert.Equal(
            ["listeners.public.address", "clusters.orders.destinations", "routes.a.match.listeners[1]", "routes.a.policies.authenticate", "identity.issuer"],
            result.Problems.All.Where(problem => problem.IsError).Select(problem => problem.Path));
    }

    [Fact]
    public void Relative_files_start_at_the_configuration()
    {
        using var directory = new TemporaryDirectory();

        var options = Load.Text(Load.Minimal + "telemetry: { decisionLog: logs/decisions.jsonl }", directory.Path).Options!;

        Assert.Equal(Path.Combine(directory.Path, "logs", "decisions.jsonl"), options.Telemetry.DecisionLog);
        Assert.Equal(Path.Combine(directory.Path, "portcullis-data"), options.Data);
    }

    private static string WithLimit(string key, string value)
        => Load.Minimal.Replace("\"127.0.0.1:0\"", $"\"127.0.0.1:0\", limits: {{ {key}: \"{value}\" }}", StringComparison.Ordinal);
}
