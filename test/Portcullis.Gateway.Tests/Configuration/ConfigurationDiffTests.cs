using System.Text.Json;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Tests.Configuration;

public class ConfigurationDiffTests
{
    private const string Base = """
        listeners:
          public:
            address: 127.0.0.1:8443
            tls: {}
            trustedProxies: [10.1.0.0/16]
            firewall: { allow: [10.0.0.0/8], deny: [192.0.2.0/24] }
        clusters:
          orders: { destinations: ["https://127.0.0.1:9001"], network: { deny: [203.0.113.0/24] } }
          other: { destinations: ["http://127.0.0.1:9002"] }
        routes:
          orders:
            match: { path: /orders, methods: [GET, POST] }
            cluster: orders
            policies:
              authenticate: token
              authorize: { permissions: [orders:read, orders:list] }
              rateLimit: [{ by: address, limit: 50, period: 1s }, { by: caller, limit: 10, period: 1m }]
          public:
            match: { path: /public }
            cluster: orders
            policies: { authenticate: none }
        identity: { issuer: "https://api.example.com" }
        telemetry: { decisionLog: decisions.jsonl }
        """;

    private const ChangeDirection Weakens = ChangeDirection.Weakens;
    private const ChangeDirection Strengthens = ChangeDirection.Strengthens;
    private const ChangeDirection Neutral = ChangeDirection.Neutral;

    [Theory]
    [InlineData("authenticate: token\n      authorize: { permissions: [orders:read, orders:list] }", "authenticate: none", "route orders no longer needs token: it is open to everybody", Weakens)]
    [InlineData("authenticate: none", "authenticate: token", "route public now needs token; it was open to everybody", Strengthens)]
    [InlineData("authenticate: token", "authenticate: { methods: token, forwardAuthorization: false }", "route orders: passing credentials on to the upstream goes from true to false", Strengthens)]
    [InlineData("[orders:read, orders:list]", "[orders:read]", "route orders: needed permission orders:list removed", Weakens)]
    [InlineData("[orders:read, orders:list]", "[orders:read, orders:list, orders:admin]", "route orders: needed permission orders:admin added", Strengthens)]
    [InlineData("[orders:read, orders:list]", "[authenticated]", "route orders lets in every caller who is identified", Weakens)]
    [InlineData("authorize: { permissions: [orders:read, orders:list] }", "authorize: { permissions: [orders:read, orders:list], anyOf: [a:b] }", "route orders: one sufficient permission a:b added", Strengthens)]
    [InlineData("limit: 50", "limit: 100", "route orders: limit address goes from 50 per 1s to 100 per 1s", Weakens)]
    [InlineData("limit: 50", "limit: 5", "route orders: limit address goes from 50 per 1s to 5 per 1s", Strengthens)]
    [InlineData("period: 1m", "period: 2m", "route orders: limit caller goes from 10 per 1m to 10 per 2m", Strengthens)]
    [InlineData("period: 1m", "period: 1m, mode: shadow", "route orders: mode of a limit goes from enforce to shadow", Weakens)]
    [InlineData(", { by: caller, limit: 10, period: 1m }", "", "route orders: limit caller removed; it was 10 per 1m", Weakens)]
    [InlineData("[GET, POST]", "[GET]", "route orders no longer covers method POST", Strengthens)]
    [InlineData("[GET, POST]", "[GET, POST, DELETE]", "route orders also covers method DELETE", Weakens)]
    [InlineData("path: /public", "path: /public, hosts: [a.example.com]", "route public is limited to host a.example.com", Strengthens)]
    [InlineData("path: /orders", "path: /order", "route orders matches /order instead of /orders", Neutral)]
    [InlineData("127.0.0.1:8443", "0.0.0.0:8443", "listener public listens at 0.0.0.0:8443 instead of 127.0.0.1:8443: other machines can reach it", Weakens)]
    [InlineData("tls: {}", "tls: { minimumVersion: \"1.2\" }", "listener public: lowest TLS version goes from 1.3 to 1.2", Weakens)]
    [InlineData("    tls: {}\n", "", "listener public no longer uses TLS: everything on it can be read and changed on the way", Weakens)]
    [InlineData("[10.1.0.0/16]", "[10.1.0.0/16, 10.2.0.0/16]", "listener public: trusted proxy 10.2.0.0/16 added", Weakens)]
    [InlineData("[10.0.0.0/8]", "[10.0.0.0/8, 11.0.0.0/8]", "listener public: allowed network 11.0.0.0/8 added", Weakens)]
    [InlineData("deny: [192.0.2.0/24]", "deny: []", "listener public: denied network 192.0.2.0/24 removed", Weakens)]
    [InlineData("allow: [10.0.0.0/8], ", "default: deny, allow: [10.0.0.0/8], ", "listener public: the firewall's default goes from allow to deny", Strengthens)]
    [InlineData("tls: {}", "tls: {}\n    limits: { bodyBytes: 1GiB }", "listener public: size of a request body goes from 10MiB to 1GiB", Weakens)]
    [InlineData("tls: {}", "tls: {}\n    limits: { minimumBodyRate: 0 }", "listener public: lowest rate of a request body goes from 240B/s to 0B/s", Weakens)]
    [InlineData("tls: {}", "tls: {}\n    limits: { http2: { resets: 1000 } }", "listener public: HTTP/2 resets goes from 300 to 1000", Weakens)]
    [InlineData("tls: {}", "tls: {}\n    encodedSlashes: keep", "listener public: encoded slashes in paths goes from refuse to keep", Weakens)]
    [InlineData("  other:", "  renamed:", "clusters.other removed", Neutral)]
    [InlineData("\"https://127.0.0.1:9001\"", "\"https://127.0.0.1:9001\", \"https://127.0.0.1:9003\"", "cluster orders: requests go to https://127.0.0.1:9003 too", Neutral)]
    [InlineData("\"https://127.0.0.1:9001\"", "\"https://127.0.0.1:9001\", \"http://127.0.0.1:9003\"", "cluster orders: requests go to http://127.0.0.1:9003, unencrypted; before, every destination used TLS", Weakens)]
    [InlineData("network: {", "tls: { dangerouslyAcceptAnyCertificate: true }, network: {", "cluster orders: the destinations' certificates are no longer verified", Weakens)]
    [InlineData("deny: [203.0.113.0/24]", "allow: [10.0.0.0/8], deny: [203.0.113.0/24]", "cluster orders: network that names may resolve to 10.0.0.0/8 added", Weakens)]
    [InlineData("deny: [203.0.113.0/24]", "deny: []", "cluster orders: forbidden network 203.0.113.0/24 removed", Weakens)]
    [InlineData("api.example.com\" }", "api.example.com\", accessToken: { lifetime: 2h } }", "the token service: lifetime of access tokens goes from 1h to 2h", Weakens)]
    [InlineData("api.example.com\" }", "api.example.com\", externalIssuers: { issuer: \"https://login.example.com\", audience: api } }", "tokens of https://login.example.com are taken too", Weakens)]
    [InlineData("decisionLog: decisions.jsonl", "maskAddresses: false", "decisions are no longer logged", Weakens)]
    [InlineData("identity:", "shutdownTimeout: 5s\nidentity:", "shutdownTimeout goes from 30s to 5s", Neutral)]
    [InlineData("identity:", "admin: { address: \"0.0.0.0:9443\" }\nidentity:", "the admin listener listens at 0.0.0.0:9443 instead of 127.0.0.1:9443: other machines can reach it", Weakens)]
    [InlineData("  other: { destinations: [\"http://127.0.0.1:9002\"] }", "  other: { destinations: [\"http://127.0.0.1:9002\"], timeout: 5s }", "clusters.other.timeout goes from 30s to 5s", Neutral)]
    public void A_change_is_named_in_terms_of_security(string old, string current, string summary, ChangeDirection direction)
    {
        var position = Base.IndexOf(old, StringComparison.Ordinal);
        Assert.True(position >= 0);
        var changes = Compare(Base, Base[..position] + current + Base[(position + old.Length)..]).Changes;

        Assert.Contains(changes, change => change.Summary == summary && change.Direction == direction);
    }

    [Fact]
    public void Routes_that_come_and_go_are_named()
    {
        const string closed = "  closed: { match: { path: /closed }, cluster: orders, policies: { authenticate: token } }\n";
        const string open = "  open: { match: { path: /open }, cluster: orders, policies: { authenticate: none } }\n";
        var more = Base.Replace("identity:", closed + open + "identity:", StringComparison.Ordinal);

        Assert.Equal(["route open added, open to everybody", "route closed added; it needs token"], Compare(Base, more).Changes.Select(change => change.Summary));
        Assert.All(Compare(more, Base).Changes, change => Assert.EndsWith("removed: what it matched goes to the next route that matches, or gets 404", change.Summary, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_changed_is_no_change()
    {
        Assert.Empty(Compare(Base, Base).Changes);
        Assert.Equal("no changes\n", Compare(Base, Base).ToText());
        Assert.Empty(Compare(Base, Base.Replace("tls: {}", "tls: { minimumVersion: \"1.3\" } # the default", StringComparison.Ordinal)).Changes);
    }

    [Fact]
    public void Another_order_of_a_list_is_a_change()
        => Assert.Equal("routes.orders.match.methods is in another order", Assert.Single(Compare(Base, Base.Replace("[GET, POST]", "[POST, GET]", StringComparison.Ordinal)).Changes).Summary);

    [Fact]
    public void Text_marks_what_weakens_and_puts_it_first()
    {
        var text = Compare(Base, Base.Replace("tls: {}", "tls: { minimumVersion: \"1.2\" }", StringComparison.Ordinal).Replace("limit: 50", "limit: 5", StringComparison.Ordinal).Replace("path: /orders", "path: /o", StringComparison.Ordinal)).ToText();

        Assert.Equal(
            """
            - listener public: lowest TLS version goes from 1.3 to 1.2  (listeners.public.tls.minimumVersion)
            + route orders: limit address goes from 50 per 1s to 5 per 1s  (routes.orders.policies.rateLimit.limits[address].limit)
              route orders matches /o instead of /orders  (routes.orders.match.path)

            """,
            text);
    }

    [Fact]
    public void Json_holds_every_change()
    {
        using var json = JsonDocument.Parse(Compare(Base, Base.Replace("limit: 50", "limit: 100", StringComparison.Ordinal)).ToJson());

        var change = Assert.Single(json.RootElement.GetProperty("changes").EnumerateArray());
        Assert.Equal(
            ("weakens", "routes.orders.policies.rateLimit.limits[address].limit", "50", "100"),
            (change.GetProperty("direction").GetString(), change.GetProperty("path").GetString(), change.GetProperty("old").GetString(), change.GetProperty("new").GetString()));
    }

    [Theory]
    [InlineData("a=one-secret-value", "a=two-secret-value", 1)]
    [InlineData("a=one-secret-value", "a=one-secret-value", 0)]
    public void A_changed_secret_is_named_and_not_shown(string old, string current, int count)
    {
        const string line = "\ntelemetry: { otlp: { endpoint: \"http://127.0.0.1:4317\", headers: \"${env:S}\" } }\n";
        var yaml = Base.Replace("telemetry: { decisionLog: decisions.jsonl }", string.Empty, StringComparison.Ordinal) + line;
        var diff = ConfigurationDiff.Compare(Load.Text(yaml, ("S", old)), Load.Text(yaml, ("S", current)));

        Assert.Equal(count, diff.Changes.Count);
        Assert.DoesNotContain("secret-value", diff.ToText() + diff.ToJson(), StringComparison.Ordinal);
    }

    private static ConfigurationDiff Compare(string old, string current)
    {
        var (before, after) = (Load.Text(old), Load.Text(current));
        Assert.True(before.Options is not null, Load.Report(before));
        Assert.DoesNotContain(after.Problems.All, problem => problem.IsError);
        return ConfigurationDiff.Compare(before, after);
    }
}
