using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Identity.Certificates;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>Routes that know callers by the certificate of their connection.</summary>
public sealed class CertificateRouteTests : IAsyncLifetime
{
    private readonly TestCertificates files = new();
    private readonly X509Certificate2 authority = TestCertificates.Authority("clients");
    private X509Certificate2 orders = null!;
    private EchoGateway echo = null!;

    public async ValueTask InitializeAsync()
    {
        orders = TestCertificates.Issue(authority, "orders", TestCertificates.ClientAuthentication, 20, "orders.internal");
        files.Write("ca", authority);
        echo = await StartAsync($"certificates: [{{ caller: orders, fingerprint: {orders.GetCertHashString(HashAlgorithmName.SHA256)}, permissions: [\"orders:read\"], tenant: acme }}]");
    }

    public async ValueTask DisposeAsync()
    {
        await echo.DisposeAsync();
        orders.Dispose();
        authority.Dispose();
        files.Dispose();
    }

    [Fact]
    public async Task Certificate_of_a_caller_is_its_credential()
    {
        using var client = echo.Gateway.Client(certificate: orders);
        using var response = await echo.SendAsync(client, "/mtls/x", ("X-SSL-Client-Cert", "forged"), ("Client-Cert", ":Zm9yZ2Vk:"));
        var fields = await EchoGateway.FieldsAsync(response);
        Assert.Equal(("orders", "orders:read", "acme"), (fields["portcullis-subject"], fields["portcullis-permissions"], fields["portcullis-tenant"]));
        Assert.DoesNotContain(fields.Keys, name => name.Contains("cert", StringComparison.Ordinal));
        var line = (await echo.Gateway.DecisionsAsync(1))[0];
        Assert.Equal(("certificate", "acme"), (line.GetProperty("authenticatedBy").GetString(), line.GetProperty("tenant").GetString()));
    }

    [Fact]
    public async Task No_certificate_and_one_that_is_nobodys_are_refused()
    {
        using var without = echo.Gateway.Client();
        using var none = await echo.SendAsync(without, "/mtls/x", ("X-SSL-Client-Cert", "forged"));
        Assert.Equal("auth.required", await EchoGateway.CodeAsync(none));
        Assert.Equal("Certificate", none.Headers.WwwAuthenticate.ToString());

        // Of the same authority and of the same names: neither is what was configured.
        using var twin = TestCertificates.Issue(authority, "orders", TestCertificates.ClientAuthentication, 20, "orders.internal");
        using var client = echo.Gateway.Client(certificate: twin);
        using var other = await echo.SendAsync(client, "/mtls/x");
        Assert.Equal("auth.required", await EchoGateway.CodeAsync(other));
    }

    [Theory]
    [InlineData("subject: \"CN=orders\"", true)]
    [InlineData("subject: \"cn=orders\"", true)]
    [InlineData("subject: \"CN=Orders\"", false)]
    [InlineData("subject: \"CN=orders, O=Example\"", false)]
    [InlineData("subject: \"O=orders\"", false)]
    [InlineData("san: \"dns:orders.internal\"", true)]
    [InlineData("san: \"dns:ORDERS.internal\"", true)]
    [InlineData("san: \"dns:internal\"", false)]
    [InlineData("san: \"dns:x.orders.internal\"", false)]
    [InlineData("san: \"uri:orders.internal:1\"", false)]
    public async Task Names_are_compared_whole(string name, bool matches)
    {
        await using var other = await StartAsync($"certificates: [{{ caller: orders, {name} }}]");
        using var client = other.Gateway.Client(certificate: orders);
        using var response = await other.SendAsync(client, "/any/x");
        Assert.Equal(matches ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Certificate_of_two_callers_is_nobodys()
    {
        await using var other = await StartAsync("certificates: [{ caller: a, subject: CN=orders }, { caller: b, san: dns:orders.internal }]");
        using var client = other.Gateway.Client(certificate: orders);
        using var response = await other.SendAsync(client, "/any/x");
        Assert.Equal("auth.required", await EchoGateway.CodeAsync(response));
        Assert.Equal("the certificate is that of b and of a", (await other.Gateway.DecisionsAsync(1))[0].GetProperty("cause").GetString()!.Replace("of a and of b", "of b and of a", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_caller_may_have_several_certificates()
    {
        await using var other = await StartAsync("certificates: [{ caller: a, subject: CN=orders }, { caller: a, san: dns:orders.internal }]");
        using var client = other.Gateway.Client(certificate: orders);
        using var response = await other.SendAsync(client, "/any/x");
        Assert.Equal("a", (await EchoGateway.FieldsAsync(response))["portcullis-subject"]);
    }

    [Fact]
    public async Task Token_and_certificate_of_different_parties_are_two_credentials()
    {
        using var client = echo.Gateway.Client(certificate: orders);
        var token = await echo.Gateway.TokenAsync("orders:read");
        using (var both = await echo.SendAsync(client, "/either/x", ("Authorization", "Bearer " + token))) Assert.Equal("request.malformed", await EchoGateway.CodeAsync(both));
        using (var certificate = await echo.SendAsync(client, "/either/x")) Assert.Equal("orders", (await EchoGateway.FieldsAsync(certificate))["portcullis-subject"]);
        using (var only = await echo.SendAsync(client, "/tokens/x", ("Authorization", "Bearer " + token))) Assert.Equal("client0", (await EchoGateway.FieldsAsync(only))["portcullis-subject"]);
        using var without = echo.Gateway.Client();
        using var alone = await echo.SendAsync(without, "/either/x", ("Authorization", "Bearer " + token));
        Assert.Equal("client0", (await EchoGateway.FieldsAsync(alone))["portcullis-subject"]);
    }

    // The connection is the proxy's own, whoever's requests it sends.
    [Fact]
    public async Task Certificate_of_a_trusted_proxy_is_no_callers()
    {
        await using var other = await StartAsync("certificates: [{ caller: orders, subject: CN=orders }]", ", trustedProxies: [127.0.0.0/8]");
        using var client = other.Gateway.Client(certificate: orders);
        using var response = await other.SendAsync(client, "/any/x", ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "https"));
        Assert.Equal("auth.required", await EchoGateway.CodeAsync(response));
    }

    [Fact]
    public void Certificate_is_valid_between_its_dates_alone()
    {
        var shown = new ShownCertificate(orders);
        Assert.True(shown.IsValidAt(new DateTimeOffset(orders.NotAfter)));
        Assert.False(shown.IsValidAt(new DateTimeOffset(orders.NotAfter).AddSeconds(1)));
        Assert.False(shown.IsValidAt(new DateTimeOffset(orders.NotBefore).AddSeconds(-1)));
    }

    private Task<EchoGateway> StartAsync(string identity, string listener = "") => EchoGateway.StartAsync(
        """
        mtls: { authenticate: certificate, authorize: { permissions: [orders:read] } }
        any: { authenticate: certificate, authorize: authenticated }
        either: { authenticate: [certificate, token], authorize: authenticated }
        tokens: { authenticate: token, authorize: authenticated }
        """,
        identity,
        $"{{ address: 127.0.0.1:0, tls: {{ clientCertificate: optional, clientCa: \"{files.File("ca.pem")}\" }}{listener} }}", isNow: true);
}
