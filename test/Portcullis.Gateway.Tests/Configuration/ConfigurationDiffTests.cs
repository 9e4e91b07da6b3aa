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
          other: { destinations: ["http://127.0.0.1:9002"], network: { allow: [10.0.0.0/8] } }
        routes:
          orders:
            match: { path: /orders, methods: [GET, POST] }
            cluster: orders
            policies:
              authenticate: token
              authorize: { permissions: [orders:read, orders:list] }
              cors: { origins: ["https://app.example.com"], methods: [GET] }
              headers: { preset: strict, contentSecurityPolicy: "default-src 'none'", strictTransportSecurity: "max-age=31536000" }
              rateLimit: [{ by: address, limit: 50, period: 1s }, { by: caller, limit: 10, period: 1m }]
          public:
            match: { path: /public }
            cluster: orders
            policies: { authenticate: none, headers: { preset: custom, referrerPolicy: no-referrer } }
          moved: { match: { path: /moved }, redirect: {}, policies: { authenticate: none } }
        identity: { issuer: "https://api.example.com", externalIssuers: { issuer: "https://login.example.com", audience: api, network: { deny: [203.0.113.0/24] } } }
        telemetry: { decisionLog: decisions.jsonl }
        keys: { wrappingKey: { credential: wrapping }, rotation: { data: 30d } }
        """;

    private const ChangeDirection Weakens = ChangeDirection.Weakens;
    private const ChangeDirection Strengthens = ChangeDirection.Strengthens;
    private const ChangeDirection Neutral = ChangeDirection.Neutral;
    private const ChangeDirection Unclear = ChangeDirection.Unclear;

    [Theory]
    [InlineData("authenticate: token\n      authorize: { permissions: [orders:read, orders:list] }", "authenticate: none", "route orders no longer needs token: it is open to everybody", Weakens)]
    [InlineData("authenticate: none", "authenticate: token", "route public now needs token; it was open to everybody", Strengthens)]
    [InlineData("authenticate: token", "authenticate: { methods: token, forwardAuthorization: false }", "route orders: the client's credentials no longer go on to the upstream", Strengthens)]
    [InlineData("authenticate: token", "authenticate: [token, session]", "route orders also takes session", Weakens)]
    [InlineData("authenticate: token", "authenticate: { methods: token, require: mfa }", "route orders: what is required of a sign-in goes from any to mfa", Strengthens)]
    [InlineData("authenticate: token", "authenticate: { methods: token, maxAge: 10m }", "route orders wants a sign-in of the last 10m", Strengthens)]
    [InlineData("authenticate: token", "authenticate: { methods: token, upstreamToken: own }", "route orders: giving the upstream tokens that the gateway signs goes from session to own", Weakens)]
    [InlineData("[orders:read, orders:list] }", "[orders:read, orders:list], tenant: acme }", "route orders lets in callers of one tenant alone", Strengthens)]
    [InlineData("path: /orders, methods: [GET, POST] }", "path: /orders, methods: [GET, POST] }\n    dataClass: restricted", "route orders leads to data of class restricted instead of none; judge yourself", Unclear)]
    [InlineData("telemetry: {", "dataClasses: { health: { sensitive: true } }\ntelemetry: {", "data class health is defined; judge yourself", Unclear)]
    [InlineData("identity: { issuer: \"https://api.example.com\"", "identity: { certificates: [{ caller: robot, san: dns:robot.internal }], issuer: \"https://api.example.com\"", "caller robot is known by a certificate", Weakens)]
    [InlineData("audience: api, network", "audience: api, tenantClaim: tid, network", "https://login.example.com can name any tenant for its callers, in claim tid", Weakens)]
    [InlineData("[orders:read, orders:list]", "[orders:read]", "route orders: needed permission orders:list removed", Weakens)]
    [InlineData("[orders:read, orders:list]", "[orders:read, orders:list, orders:admin]", "route orders: needed permission orders:admin added", Strengthens)]
    [InlineData("[orders:read, orders:list]", "[authenticated]", "route orders lets in every caller who is identified", Weakens)]
    [InlineData("authorize: { permissions: [orders:read, orders:list] }", "authorize: { permissions: [orders:read, orders:list], anyOf: [a:b] }", "route orders: one sufficient permission a:b added", Strengthens)]
    [InlineData("limit: 50", "limit: 100", "route orders: limit address goes from 50 per 1s to 100 per 1s", Weakens)]
    [InlineData("limit: 50", "limit: 5", "route orders: limit address goes from 50 per 1s to 5 per 1s", Strengthens)]
    [InlineData("period: 1m", "period: 2m", "route orders: limit caller goes from 10 per 1m to 10 per 2m", Strengthens)]
    [InlineData("period: 1m", "period: 1m, mode: shadow", "route orders: mode of a limit goes from enforce to shadow", Weakens)]
    [InlineData(", { by: caller, limit: 10, period: 1m }", "", "route orders: limit caller removed; it was 10 per 1m", Weakens)]
    [InlineData("[GET, POST]", "[GET]", "route orders: method POST removed; judge yourself", Unclear)]
    [InlineData("[GET, POST]", "[GET, POST, DELETE]", "route orders: method DELETE added", Weakens)]
    [InlineData("path: /public", "path: /public, hosts: [a.example.com]", "route public: host a.example.com named; before, any", Strengthens)]
    [InlineData("path: /orders", "path: /order", "route orders matches /order instead of /orders; judge yourself", Unclear)]
    [InlineData("127.0.0.1:8443", "0.0.0.0:8443", "listener public listens at 0.0.0.0:8443 instead of 127.0.0.1:8443: other machines can reach it", Weakens)]
    [InlineData("data: 30d", "data: 60d", "the key ring: period of keys that seal data goes from 30d to 60d", Weakens)]
    [InlineData("data: 30d", "data: 30d, tokenSigning: 7d", "the key ring: period of keys that sign tokens goes from 90d to 7d", Strengthens)]
    [InlineData("wrappingKey: { credential: wrapping }, ", "", "the wrapping key is no longer protected by credential", Weakens)]
    [InlineData("credential: wrapping", "credential: other", "the wrapping key is protected by another credential; judge yourself", Unclear)]
    [InlineData("credential: wrapping", "environment: WRAPPING", "the wrapping key is protected by environment", Strengthens)]
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
    [InlineData("\"https://127.0.0.1:9001\"", "\"https://127.0.0.1:9001\", \"https://127.0.0.1:9003\"", "cluster orders: requests go to https://127.0.0.1:9003 too; judge yourself", Unclear)]
    [InlineData("\"https://127.0.0.1:9001\"", "\"https://127.0.0.1:9001\", \"http://127.0.0.1:9003\"", "cluster orders: requests go to http://127.0.0.1:9003, unencrypted; before, every destination used TLS", Weakens)]
    [InlineData("network: {", "tls: { dangerouslyAcceptAnyCertificate: true }, network: {", "cluster orders: the destinations' certificates are no longer verified", Weakens)]
    [InlineData("deny: [203.0.113.0/24]", "allow: [10.0.0.0/8], deny: [203.0.113.0/24]", "cluster orders: network that names may resolve to 10.0.0.0/8 named; before, any but the default denials, and it is not denied by default any more; judge yourself", Unclear)]
    [InlineData("deny: [203.0.113.0/24]", "deny: []", "cluster orders: forbidden network 203.0.113.0/24 removed", Weakens)]
    [InlineData("api.example.com\", ext", "api.example.com\", accessToken: { lifetime: 2h }, ext", "the token service: lifetime of access tokens goes from 1h to 2h", Weakens)]
    [InlineData("externalIssuers: { issuer: \"https://login.example.com\"", "externalIssuers: { issuer: \"https://other.example.com\"", "tokens of https://other.example.com are taken too", Weakens)]
    [InlineData("audience: api", "audience: other", "tokens of https://login.example.com must carry the audience other instead of api; judge yourself", Unclear)]
    [InlineData(", network: { deny: [203.0.113.0/24] } } }", " } }", "the token service: network that keys may not come from 203.0.113.0/24 removed", Weakens)]
    [InlineData("decisionLog: decisions.jsonl", "maskAddresses: false", "decisions are no longer logged", Weakens)]
    [InlineData("identity:", "shutdownTimeout: 5s\nidentity:", "shutdownTimeout goes from 30s to 5s", Neutral)]
    [InlineData("identity:", "admin: { address: \"0.0.0.0:9443\" }\nidentity:", "the admin listener listens at 0.0.0.0:9443 instead of 127.0.0.1:9443: other machines can reach it", Weakens)]
    [InlineData("network: { allow: [10.0.0.0/8] }", "timeout: 5s, network: { allow: [10.0.0.0/8] }", "clusters.other.timeout goes from 30s to 5s", Neutral)]
    [InlineData("network: { allow: [10.0.0.0/8] }", "network: {}", "cluster other: network that names may resolve to 10.0.0.0/8 removed; with none named, any but the default denials", Weakens)]
    [InlineData("network: { allow: [10.0.0.0/8] }", "network: { allow: [10.0.0.0/8, 169.254.0.0/16] }", "cluster other: network that names may resolve to 169.254.0.0/16 added", Weakens)]
    [InlineData("\"http://127.0.0.1:9002\"]", "\"http://127.0.0.1:9002\"], preserveHost: false", "clusters.other.preserveHost goes from true to false; judge yourself", Unclear)]
    [InlineData("[\"https://app.example.com\"]", "[\"https://app.example.com\", \"https://evil.example.com\"]", "route orders: origin https://evil.example.com added", Weakens)]
    [InlineData(", methods: [GET] }", " }", "route orders: cross-origin method GET removed; with none named, all that the route matches", Weakens)]
    [InlineData("limit: 50, period: 1s", "limit: 50, period: 1s, burst: 1000000", "route orders: limit address goes from 50 per 1s to 50 per 1s with bursts of 1000000", Weakens)]
    [InlineData("limit: 50, period: 1s", "limit: 50, period: 1s, burst: 5", "route orders: limit address goes from 50 per 1s to 50 per 1s with bursts of 5", Strengthens)]
    [InlineData("limit: 10, period: 1m", "limit: 100, period: 10m", "route orders: limit caller goes from 10 per 1m to 100 per 10m", Weakens)]
    [InlineData("redirect: {}", "cluster: orders", "route moved leads to orders instead of a redirect, open to everybody", Weakens)]
    [InlineData("path: /public }\n    cluster: orders", "path: /public }\n    redirect: {}", "route public leads to a redirect instead of orders", Strengthens)]
    [InlineData("path: /public }\n    cluster: orders", "path: /public }\n    cluster: other", "route public leads to other instead of orders; judge yourself", Unclear)]
    [InlineData("path: /public }", "path: \"/{**rest}\" }", "route public matches /{**rest} instead of /public; judge yourself", Unclear)]
    [InlineData("preset: strict", "preset: web", "route orders: the preset of security headers goes from strict to web", Weakens)]
    [InlineData("preset: strict", "preset: api", "route orders: the preset of security headers goes from strict to api; judge yourself", Unclear)]
    [InlineData("max-age=31536000", "max-age=0", "route orders: the security header strictTransportSecurity goes from max-age=31536000 to max-age=0", Weakens)]
    [InlineData("contentSecurityPolicy: \"default-src 'none'\", ", "", "route orders: the security header contentSecurityPolicy goes back to the preset's; judge yourself", Unclear)]
    [InlineData("preset: custom, referrerPolicy: no-referrer", "preset: custom", "route public: the security header referrerPolicy is no longer sent", Weakens)]
    [InlineData("preset: custom, referrerPolicy: no-referrer", "preset: custom, referrerPolicy: off", "route public: the security header referrerPolicy is left out", Weakens)]
    [InlineData("authenticate: none, h", "authenticate: none, transform: { request: { set: { X-Role: admin } } }, h", "routes.public.policies.transform added; judge yourself", Unclear)]
    [InlineData("authenticate: none, h", "authenticate: none, firewall: { default: deny }, h", "route public has address rules", Strengthens)]
    [InlineData("path: /moved }, redirect: {}", "path: /moved }, mirror: other, redirect: {}", "route moved: requests are copied to a second cluster", Weakens)]
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

        Assert.Equal(["route open added, open to everybody", "route closed added; it needs token; judge yourself"], Compare(Base, more).Changes.Select(change => change.Summary));
        Assert.Equal(
            [("route closed removed: what it matched goes to the next route that matches, or gets 404; judge yourself", Unclear), ("route open removed: what it matched goes to the next route that matches, or gets 404", Strengthens)],
            Compare(more, Base).Changes.Select(change => (change.Summary, change.Direction)));
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
            ? route orders matches /o instead of /orders; judge yourself  (routes.orders.match.path)
            + route orders: limit address goes from 50 per 1s to 5 per 1s  (routes.orders.policies.rateLimit.limits[address].limit)

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

    // The file reads harmlessly; what counts is what was filled in.
    [Theory]
    [InlineData("tls: { dangerouslyAcceptAnyCertificate: true }, network: {", "tls: { dangerouslyAcceptAnyCertificate: \"${env:V}\" }, network: {", "network: {", "true", "cluster orders: the destinations' certificates are no longer verified", Weakens)]
    [InlineData("tls: { clientCertificate: none }", "tls: { clientCertificate: \"${env:V}\" }", "tls: { clientCertificate: required, clientCa: ca.pem }", "none", "listener public: client certificates goes from required to ${env:V}", Weakens)]
    [InlineData("authenticate: none", "authenticate: \"${env:V}\"", "authenticate: token", "none", "route orders no longer needs token: it is open to everybody", Weakens)]
    [InlineData("limit: 1000", "limit: \"${env:V}\"", "limit: 50", "1000", "route orders: limit address goes from 50 per 1s to ${env:V} per 1s", Weakens)]
    [InlineData("[\"http://127.0.0.1:9003\"", "[\"${env:V}\"", "[\"https://127.0.0.1:9001\"", "http://127.0.0.1:9003", "cluster orders: requests go to ${env:V}, unencrypted; before, every destination used TLS", Weakens)]
    public void A_value_that_is_filled_in_is_judged_by_what_it_is(string plain, string filledIn, string old, string value, string summary, ChangeDirection direction)
    {
        var before = old.StartsWith("tls: { clientCertificate", StringComparison.Ordinal) ? Base.Replace("tls: {}", old, StringComparison.Ordinal) : Base;
        Assert.Contains(old, before, StringComparison.Ordinal);
        var position = before.IndexOf(old, StringComparison.Ordinal);
        string With(string text) => before[..position] + text + before[(position + old.Length)..];

        var changes = ConfigurationDiff.Compare(Load.Text(before), Load.Text(With(filledIn), ("V", value))).Changes;
        Assert.Contains(changes, change => change.Summary == summary && change.Direction == direction);

        // The same value, written or filled in, is no change.
        Assert.Empty(ConfigurationDiff.Compare(Load.Text(With(plain)), Load.Text(With(filledIn), ("V", value))).Changes);
    }

    [Fact]
    public void What_a_person_has_to_judge_counts_as_weaker()
    {
        Assert.True(Compare(Base, Base.Replace("path: /orders", "path: /o", StringComparison.Ordinal)).MayWeaken);
        Assert.True(Compare(Base, Base.Replace("limit: 50", "limit: 51", StringComparison.Ordinal)).MayWeaken);
        Assert.False(Compare(Base, Base.Replace("limit: 50", "limit: 5", StringComparison.Ordinal)).MayWeaken);
        Assert.False(Compare(Base, Base.Replace("identity:", "shutdownTimeout: 5s\nidentity:", StringComparison.Ordinal)).MayWeaken);
    }

    [Fact]
    public void Values_that_look_like_numbered_ones_are_told_apart()
    {
        var twice = Base.Replace("methods: [GET] }", "methods: [GET], exposedHeaders: [a, a, \"a#2\"] }", StringComparison.Ordinal);

        Assert.Equal(
            ["route orders: header shown to other origins a added", "route orders: header shown to other origins a#2 added", "route orders: header shown to other origins a#2 added"],
            Compare(Base, twice).Changes.Select(change => change.Summary));
    }

    private static ConfigurationDiff Compare(string old, string current)
    {
        var (before, after) = (Load.Text(old), Load.Text(current));
        Assert.True(before.Options is not null, Load.Report(before));
        Assert.DoesNotContain(after.Problems.All, problem => problem.IsError);
        return ConfigurationDiff.Compare(before, after);
    }
}
