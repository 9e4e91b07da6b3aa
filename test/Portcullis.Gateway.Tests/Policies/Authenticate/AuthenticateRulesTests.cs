using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>What <c>check</c> says of ways to authenticate that contradict themselves, or could let nobody in.</summary>
public sealed class AuthenticateRulesTests
{
    private const string Fingerprint = "AB:CD:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789ab";

    [Theory]
    [InlineData("authenticate: [token, token]", "a way to authenticate is named twice")]
    [InlineData("authenticate: [token, none]", "none can't be combined with a way to authenticate")]
    [InlineData("authenticate: { methods: session, forwardAuthorization: true }", "the upstream gets a token of the gateway's own in that field")]
    [InlineData("authenticate: { methods: token, forwardAuthorization: true, upstreamToken: own }", "the upstream gets a token of the gateway's own in that field")]
    [InlineData("authenticate: { methods: token, upstreamToken: { kind: own, audience: \"\" } }", "is empty")]
    [InlineData("authenticate: { methods: apiKey, require: mfa }", "neither API keys nor certificates tell of a sign-in, so nobody could pass")]
    [InlineData("authenticate: { methods: apiKey, maxAge: 1h }", "neither API keys nor certificates tell of a sign-in, so nobody could pass")]
    [InlineData("authenticate: { methods: none, require: mfa }", "nobody is identified, so there is nothing to require of a sign-in and nobody for a token")]
    [InlineData("authenticate: certificate", "no certificate is mapped to a caller, so nobody could pass by one")]
    [InlineData("authenticate: certificate", "listener public asks for no client certificate")]
    [InlineData("authenticate: token, authorize: { permissions: [authenticated], tenant: { from: host } }", "the route matches any host, so clients could name any tenant's")]
    [InlineData("authenticate: token, authorize: { permissions: [authenticated], tenant: { from: \"path:rest\" } }", "the route's path has no variable 'rest' for one segment")]
    [InlineData("authenticate: token, authorize: { permissions: [authenticated], tenant: { from: \"path:tenant\" } }", "the route's path has no variable 'tenant' for one segment")]
    [InlineData("authenticate: token, authorize: { permissions: [authenticated], tenant: { from: query } }", "says not in one way which tenant")]
    [InlineData("authenticate: token, authorize: { permissions: [authenticated], tenant: { name: a, from: host } }", "says not in one way which tenant")]
    [InlineData("authenticate: token, authorize: { permissions: [authenticated], tenant: \"a b\" }", "'a b' is no name of a tenant")]
    [InlineData("authenticate: token, authorize: { tenant: acme }", "0 permissions are named")]
    public async Task Contradiction_is_an_error(string policies, string message)
        => Assert.Contains(message, (await CheckAsync(policies)).Where(problem => problem.IsError).Select(problem => problem.Message));

    [Theory]
    [InlineData("authenticate: { methods: apiKey, forwardAuthorization: true }, authorize: authenticated", "", "the upstream gets the callers' API keys, with which it can act as them")]
    [InlineData("authenticate: { methods: session, upstreamToken: { audience: \"https://issuer.example\" } }, authorize: authenticated", "", "is the gateway's own: the upstream can use the tokens it gets on the gateway's routes, as the caller")]
    [InlineData("authenticate: session, authorize: authenticated", "hosts: [login.example.com]", "nobody can sign in on hosts that identity.hosts does not name")]
    [InlineData("authenticate: token", "externalIssuers: [{ issuer: \"https://login.example.com\", audience: api, tenantClaim: tid }]", "'https://login.example.com' can name any tenant")]
    public async Task Weakness_is_a_warning(string policies, string identity, string message)
    {
        var problems = await CheckAsync(policies, identity);
        Assert.DoesNotContain(problems, problem => problem.IsError);
        Assert.Contains(message, problems.Select(problem => problem.Message));
    }

    [Theory]
    [InlineData("{ caller: a }", "names no certificate")]
    [InlineData("{ caller: a, subject: CN=a, san: dns:a }", "names a certificate in several ways")]
    [InlineData("{ caller: a, san: a.example }", "'a.example' is of no known kind: write dns: or uri: and the name")]
    [InlineData("{ caller: a, san: \"subject:CN=a\" }", "'subject:CN=a' is of no known kind: write dns: or uri: and the name")]
    [InlineData("{ caller: a, san: \"dns:*.example.com\" }", "'dns:*.example.com' is no host name: letters, digits, hyphens and dots; patterns are not taken")]
    [InlineData("{ caller: a, san: \"uri:nothing\" }", "'uri:nothing' is no URI, such as spiffe://example.org/orders")]
    [InlineData("{ caller: a, fingerprint: abc }", "'abc' is no SHA-256 fingerprint: 64 hexadecimal digits, as openssl x509 -fingerprint -sha256 prints them")]
    [InlineData("{ caller: a, subject: nonsense }", "'nonsense' is no distinguished name with one value in each part, such as CN=orders, O=Example")]
    [InlineData("{ caller: a, subject: \"CN=a + O=b\" }", "'CN=a + O=b' is no distinguished name with one value in each part, such as CN=orders, O=Example")]
    [InlineData("{ caller: \"a b\", subject: CN=a }", "'a b' is no name of a caller")]
    [InlineData("{ caller: 0123456789abcdef0123456789abcdef, subject: CN=a }", "'0123456789abcdef0123456789abcdef' has the form of a person's subject")]
    [InlineData("{ caller: a, subject: CN=a, permissions: [orders] }", "'orders' is no permission")]
    [InlineData("{ caller: a, subject: CN=a, tenant: a.b }", "'a.b' is no name of a tenant")]
    [InlineData("{ caller: a, subject: CN=a }, { caller: b, subject: cn=a }", "is already the certificate of 'a'")]
    [InlineData("{ caller: a, subject: CN=a }, { caller: a, subject: CN=a }", "is written twice")]
    [InlineData("{ caller: a, subject: CN=a, permissions: [\"a:b\"] }, { caller: a, subject: CN=b }", "'a' has another tenant or other permissions than above")]
    [InlineData("{ caller: a, fingerprint: \"" + Fingerprint + "\" }, { caller: b, fingerprint: abcd0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab }", "is already the certificate of 'a'")]
    public async Task Wrong_mapping_of_a_certificate_is_an_error(string entries, string message)
        => Assert.Contains(message, (await CheckAsync("authenticate: none", $"certificates: [{entries}]")).Where(problem => problem.IsError).Select(problem => problem.Message));

    private static async Task<IReadOnlyList<ConfigurationProblem>> CheckAsync(string policies, string identity = "")
    {
        var text = $$"""
            listeners: { public: { address: 127.0.0.1:8443, tls: {} } }
            clusters: { app: { destinations: ["http://127.0.0.1:9001"] } }
            routes: { app: { match: { path: "/app/{**rest}" }, cluster: app, policies: { {{policies}} } } }
            identity:
              issuer: https://issuer.example
              {{identity}}
            """;
        var loaded = new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>(StringComparer.Ordinal)).Load(Encoding.UTF8.GetBytes(text), "test.yaml");
        await ConfigurationCompiler.CheckAsync(loaded.Bound, loaded.Problems);
        return [.. loaded.Problems.All];
    }
}
