namespace Portcullis.Gateway.Tests.Configuration;

public class RuleTests
{
    private const string Template = """
        listeners:
          public: { address: "127.0.0.1:8443"LISTENER }
        LISTENERS
        admin: { address: "127.0.0.1:9443"ADMIN }
        clusters:
          orders: { destinations: ["http://127.0.0.1:9001"]CLUSTER }
        CLUSTERS
        routes:
          orders:
            match: { path: "/orders/{**rest}"MATCH }
            DESTINATION
            policies: { POLICIES }
        identity: { issuer: "https://api.example.com"IDENTITY }
        telemetry: TELEMETRY
        """;

    [Theory]
    [InlineData("DESTINATION", "cluster: ordres", "routes.orders.cluster", "there is no cluster 'ordres'", "did you mean 'orders'?")]
    [InlineData("DESTINATION", "split: [{ cluster: orders, weight: 1 }, { cluster: canary, weight: 1 }]", "routes.orders.split[1].cluster", "there is no cluster 'canary'", "known: orders")]
    [InlineData("DESTINATION", "split: [{ cluster: orders, weight: 0 }]", "routes.orders.split", "no arm has a weight above 0", null)]
    [InlineData("DESTINATION", "split: []", "routes.orders.split", "no arm has a weight above 0", null)]
    [InlineData("DESTINATION", "timeout: 1s", "routes.orders", "leads nowhere", "add one of cluster, split or redirect")]
    [InlineData("DESTINATION", "cluster: orders\n    redirect: {}", "routes.orders", "has cluster and redirect, which exclude each other", null)]
    [InlineData("DESTINATION", "cluster: orders\n    mirror: shadow", "routes.orders.mirror", "there is no cluster 'shadow'", null)]
    [InlineData("DESTINATION", "cluster: orders\n    mirror: { cluster: shadow }", "routes.orders.mirror.cluster", "there is no cluster 'shadow'", null)]
    [InlineData("DESTINATION", "redirect: { status: 200 }", "routes.orders.redirect.status", "200 is no redirect", null)]
    [InlineData("DESTINATION", "redirect: { scheme: javascript }", "routes.orders.redirect.scheme", "'javascript' is no scheme that can be redirected to", null)]
    [InlineData("MATCH", ", listeners: [pubic]", "routes.orders.match.listeners[0]", "there is no listener 'pubic'", "did you mean 'public'?")]
    [InlineData("POLICIES", " ", "routes.orders.policies", "'authenticate' is missing", "add authenticate: token; authenticate: none leaves the route open to everybody")]
    [InlineData("CLUSTER", ", balance: hash, hash: { on: cookie }", "clusters.orders.hash", "hashing on a cookie needs its name", "add name")]
    [InlineData("CLUSTER", ", tryTimeout: 31s", "clusters.orders.tryTimeout", "a single try may take longer than all tries together", null)]
    [InlineData("CLUSTER", ", health: { path: healthz }", "clusters.orders.health.path", "must be a path that begins with /", null)]
    [InlineData("CLUSTER", ", tls: { ca: none.pem }", "clusters.orders.tls.ca", "file 'none.pem' does not exist", null)]
    [InlineData("CLUSTER", ", tls: { certificate: /dev/null }", "clusters.orders.tls", "a client certificate needs both certificate and privateKey", null)]
    [InlineData("CLUSTER", ", tls: { serverName: \"\" }", "clusters.orders.tls.serverName", "'' is no host name", null)]
    [InlineData("CLUSTER", ", tls: { serverName: \"a b\" }", "clusters.orders.tls.serverName", "'a b' is no host name", null)]
    [InlineData("CLUSTER", ", affinity: \"a b\"", "clusters.orders.affinity.cookie", "'a b' is no cookie name", null)]
    [InlineData("CLUSTER", ", health: { path: \"/a b\" }", "clusters.orders.health.path", "must be a path that begins with /", null)]
    [InlineData("CLUSTER", ", balance: hash, hash: { on: header, name: \"\" }", "clusters.orders.hash", "hashing on a header needs its name", "add name")]
    [InlineData("CLUSTERS", "  bare: { destinations: [] }", "clusters.bare.destinations", "there is no destination", null)]
    [InlineData("CLUSTERS", "  bare: { destinations: { url: \"http://127.0.0.1:1\", weight: 0 } }", "clusters.bare.destinations", "every destination has weight 0, so none takes requests", null)]
    [InlineData("CLUSTERS", "  bare: { destinations: [\"http://127.0.0.1:1/x\"] }", "clusters.bare.destinations[0]", "'http://127.0.0.1:1/x' has a path or query", null)]
    [InlineData("CLUSTERS", "  bare: { destinations: [\"http://127.0.0.1:1?x\"] }", "clusters.bare.destinations[0]", "'http://127.0.0.1:1?x' has a path or query", null)]
    [InlineData("CLUSTERS", "  bare: { destinations: [\"http://127.0.0.1:1\", \"http://127.0.0.1:1/\"] }", "clusters.bare.destinations[1]", "'http://127.0.0.1:1/' is listed twice", null)]
    [InlineData("LISTENER", ", proxyProtocol: required", "listeners.public.proxyProtocol", "the PROXY protocol is on, but no proxy is trusted to use it", null)]
    [InlineData("LISTENER", ", protocols: []", "listeners.public.protocols", "no protocol is named", null)]
    [InlineData("LISTENER", ", tls: { certificate: /dev/null }", "listeners.public.tls.certificate", "a certificate without its private key", null)]
    [InlineData("LISTENER", ", tls: { privateKey: none.key }", "listeners.public.tls.privateKey", "a private key without a certificate", null)]
    [InlineData("LISTENER", ", tls: { clientCertificate: required }", "listeners.public.tls.clientCertificate", "client certificates are asked for, but no authority is named that they must come from", null)]
    [InlineData("LISTENERS", "  other: { address: \"127.0.0.1:8443\" }", "listeners.other.address", "127.0.0.1:8443 can't be bound beside 127.0.0.1:8443 of listeners.public.address", null)]
    [InlineData("LISTENERS", "  other: { address: \"0.0.0.0:8443\" }", "listeners.other.address", "0.0.0.0:8443 can't be bound beside 127.0.0.1:8443 of listeners.public.address", null)]
    [InlineData("LISTENERS", "  other: { address: \"*:9443\" }", "admin.address", "127.0.0.1:9443 can't be bound beside [::]:9443 of listeners.other.address", null)]
    [InlineData("IDENTITY", ", externalIssuers: { issuer: \"http://login.example.com\", audience: api }", "identity.externalIssuers[0].issuer", "'http://login.example.com' is not https", null)]
    [InlineData("IDENTITY", ", externalIssuers: { issuer: \"https://login.example.com\", audience: api, jwks: \"http://login.example.com/jwks\" }", "identity.externalIssuers[0].jwks", "keys would be fetched unencrypted", null)]
    [InlineData("IDENTITY", ", externalIssuers: { issuer: \"https://api.example.com\", audience: api }", "identity.externalIssuers[0].issuer", "'https://api.example.com' is listed twice", null)]
    [InlineData("IDENTITY", ", accessToken: { algorithm: HS256 }", "identity.accessToken.algorithm", "'HS256' is not offered", null)]
    [InlineData("IDENTITY", ", accessToken: { lifetime: 25h }", "identity.accessToken.lifetime", "must be from 10s to 24h, found '25h'", null)]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: plain } }", "telemetry.otlp.headers", "field 1 has no =", "write name=value, several separated by commas; a value holds no comma")]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: \"a=b,\" } }", "telemetry.otlp.headers", "field 2 has no =", null)]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: \"a=b%2Cc\" } }", "telemetry.otlp.headers", "field 2 has no =", null)]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: \"=b\" } }", "telemetry.otlp.headers", "field 1 has a name that no request header has", null)]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: \"a b=c\" } }", "telemetry.otlp.headers", "field 1 has a name that no request header has", null)]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: \"Content-Type=c\" } }", "telemetry.otlp.headers", "field 1 has a name that no request header has", null)]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: \"a=b,A=c\" } }", "telemetry.otlp.headers", "field 2 has a name that is taken", null)]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: \"user-agent=c\" } }", "telemetry.otlp.headers", "field 1 has a name that is taken", null)]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: \"a=b%0d%0ac\" } }", "telemetry.otlp.headers", "the value of field 1 has a control character, or one beyond ASCII", null)]
    [InlineData("TELEMETRY", "{ otlp: { endpoint: \"http://127.0.0.1\", headers: \"a=b\\nc\" } }", "telemetry.otlp.headers", "the value of field 1 has a control character, or one beyond ASCII", null)]
    public void A_contradiction_is_an_error(string where, string what, string path, string message, string? hint)
    {
        var result = Load.Text(Build(where, what));

        var error = Assert.Single(result.Problems.All, problem => problem.IsError && problem.Message == message);
        Assert.Equal(path, error.Path);
        if (hint is not null) Assert.Equal(hint, error.Hint);
        Assert.True(error.Line > 0);
    }

    [Theory]
    [InlineData("LISTENER", ", tls: { minimumVersion: \"1.2\" }", "listeners.public.tls.minimumVersion", "TLS 1.2 is accepted")]
    [InlineData("LISTENER", ", trustedProxies: [0.0.0.0/0]", "listeners.public.trustedProxies[0]", "0.0.0.0/0 lets every client name its own address")]
    [InlineData("LISTENER", ", trustedProxies: [\"::/0\"]", "listeners.public.trustedProxies[0]", "::/0 lets every client name its own address")]
    [InlineData("LISTENER", ", firewall: { default: deny }", "listeners.public.firewall", "every connection is refused: the default is deny and nothing is allowed")]
    [InlineData("LISTENER", ", limits: { bodyBytes: 2GiB }", "listeners.public.limits.bodyBytes", "request bodies of more than 1GiB are taken")]
    [InlineData("LISTENER", ", limits: { minimumBodyRate: 0 }", "listeners.public.limits.minimumBodyRate", "clients may send a body as slowly as they like")]
    [InlineData("LISTENER", ", limits: { headerTimeout: 5m }", "listeners.public.limits.headerTimeout", "a client may take more than a minute to send its header fields")]
    [InlineData("LISTENERS", "  open: { address: \"0.0.0.0:80\" }", "listeners.open", "credentials for route 'orders' cross the network unencrypted: the listener has no tls")]
    [InlineData("LISTENERS", "  open: { address: \"0.0.0.0:443\", tls: {} }", "listeners.open.tls", "a development certificate is served to other machines, and none of them trusts it")]
    [InlineData("ADMIN", ", allow: [0.0.0.0/0]", "admin.allow[0]", "the admin listener takes connections from every address")]
    [InlineData("CLUSTER", ", tls: { dangerouslyAcceptAnyCertificate: true }", "clusters.orders.tls.dangerouslyAcceptAnyCertificate", "the destinations' certificates are not verified: anybody on the way can read and change the traffic")]
    [InlineData("CLUSTER", ", network: { allow: [169.254.0.0/16] }", "clusters.orders.network.allow[0]", "169.254.0.0/16 lets a DNS name lead to the cloud's metadata service")]
    [InlineData("CLUSTER", ", hash: { on: address }", "clusters.orders.hash", "has no effect: balance is not hash")]
    [InlineData("POLICIES", "authenticate: none", "routes", "open to everybody by authenticate: none: orders")]
    public void What_weakens_security_is_warned_about(string where, string what, string path, string message)
    {
        var result = Load.Text(Build(where, what));

        Assert.True(result.Options is not null, Load.Report(result));
        var warning = Assert.Single(result.Problems.All, problem => problem.Message == message);
        Assert.Equal((false, path), (warning.IsError, warning.Path));
    }

    [Theory]
    [InlineData("http://localhost:8080", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("https://api.example.com/", true)]
    [InlineData("https://api.example.com/tenant", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("http://127.0.0.1.evil.example", false)]
    [InlineData("https://api.example.com?x", false)]
    [InlineData("https://api.example.com#x", false)]
    [InlineData("https://user@api.example.com", false)]
    [InlineData("https:/api.example.com", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("api", false)]
    public void An_issuer_is_https_or_loopback(string issuer, bool isAccepted)
        => Assert.Equal(isAccepted, Load.Text(Build(string.Empty, string.Empty).Replace("https://api.example.com", issuer, StringComparison.Ordinal)).Options is not null);

    [Theory]
    [InlineData("audience: \"\"", "identity.audience")]
    [InlineData("externalIssuers: [{ issuer: \"https://login.example.com/tenant\", audience: \"\" }]", "identity.externalIssuers[0].audience")]
    [InlineData("externalIssuers: [{ issuer: \"https://login.example.com/tenant\", audience: api, permissionsClaim: \"\" }]", "identity.externalIssuers[0].permissionsClaim")]
    [InlineData("externalIssuers: [{ issuer: \"https://login.example.com/tenant\", audience: api, permissions: [orders:read, orders] }]", "identity.externalIssuers[0].permissions[1]")]
    public void What_no_token_can_match_is_an_error(string keys, string path)
    {
        var result = Load.Text(Build(string.Empty, string.Empty).Replace("issuer: \"https://api.example.com\"", "issuer: \"https://api.example.com\", " + keys, StringComparison.Ordinal));
        Assert.Equal(path, Assert.Single(result.Problems.All, problem => problem.IsError).Path);
    }

    [Fact]
    public void A_plain_configuration_has_no_warning() => Assert.Empty(Load.Text(Build(string.Empty, string.Empty)).Problems.All);

    [Fact]
    public void An_admin_listener_for_other_machines_is_warned_about()
        => Assert.Contains(Load.Text(Build(string.Empty, string.Empty).Replace("127.0.0.1:9443", "0.0.0.0:9443", StringComparison.Ordinal)).Problems.All, problem => problem is { IsError: false, Path: "admin.address" });

    [Fact]
    public void No_listener_is_an_error()
        => Assert.Equal("there is no listener, so nothing would be served", Load.Error("data: ./x\n").Message);

    [Fact]
    public void A_key_that_everybody_may_read_is_warned_about()
    {
        Requirement.System(!OperatingSystem.IsWindows(), "file modes are of Unix");
        using var directory = new TemporaryDirectory();
        directory.Write("c.pem", "x");
        var key = directory.Write("k.pem", "x");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var result = Load.Text(Build("LISTENER", ", tls: { certificate: c.pem, privateKey: k.pem }"), directory.Path);

        var warning = Assert.Single(result.Problems.All);
        Assert.Equal(("listeners.public.tls.privateKey", "every user of this machine can read or change 'k.pem'", "chmod 600 k.pem"), (warning.Path, warning.Message, warning.Hint));
    }

    private static string Build(string where, string what)
    {
        var yaml = Template;
        foreach (var (slot, usual) in new[] { ("LISTENERS", ""), ("LISTENER", ""), ("ADMIN", ""), ("CLUSTERS", ""), ("CLUSTER", ""), ("MATCH", ""), ("DESTINATION", "cluster: orders"), ("POLICIES", "authenticate: token, authorize: { permissions: [orders:read] }"), ("IDENTITY", ""), ("TELEMETRY", "{}") })
            yaml = yaml.Replace(slot, slot == where ? what : usual, StringComparison.Ordinal);
        return yaml;
    }
}
