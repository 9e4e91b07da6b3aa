using Portcullis.Control.Identity.Clients;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;

namespace Portcullis.Control.Tests.Identity.Clients;

public sealed class ClientRegistrationTests
{
    private static readonly OAuthClient Service = new("service", new byte[32], ["orders:read"], IsDisabled: false);

    private static readonly OAuthClient Web = Service with { Id = "web", Grants = [GrantNames.AuthorizationCode, GrantNames.RefreshToken], RedirectUris = ["https://app.example/cb"] };

    private static readonly OAuthClient App = Web with { Id = "app", Authentication = ClientAuthenticationMethod.None, RedirectUris = ["com.example.app:/cb"] };

    [Fact]
    public void What_is_usual_may_be_registered()
    {
        Assert.Null(ClientRegistration.Judge(Service));
        Assert.Null(ClientRegistration.Judge(Web));
        Assert.Null(ClientRegistration.Judge(App));
        Assert.Null(ClientRegistration.Judge(Service with { Authentication = ClientAuthenticationMethod.PrivateKeyJwt, KeysUri = new Uri("https://app.example/jwks") }));
        Assert.Null(ClientRegistration.Judge(Service with { Grants = [GrantNames.TokenExchange], ExchangeAudiences = ["https://upstream.example"] }));
    }

    [Theory]
    [InlineData("https://app.example/cb?x=1")]
    [InlineData("https://app.example:8443/")]
    [InlineData("http://127.0.0.1/cb")]
    [InlineData("http://127.0.0.1:51004/cb")]
    [InlineData("http://[::1]:51004/cb")]
    [InlineData("com.example.app:/oauth2redirect")]
    public void Codes_may_be_sent_over_tls_and_to_the_persons_own_device(string uri) => Assert.Null(ClientRegistration.Judge(App with { RedirectUris = [uri] }));

    [Theory]
    [InlineData("http://app.example/cb", "in the clear")]
    [InlineData("http://localhost/cb", "in the clear")]
    [InlineData("http://127.0.0.1.example/cb", "in the clear")]
    [InlineData("https://app.example/cb#", "fragment")]
    [InlineData("https://app.example/cb#x", "fragment")]
    [InlineData("https://user@app.example/cb", "name or password")]
    [InlineData("https://app.example@evil.example/cb", "name or password")]
    [InlineData("javascript:alert(1)", "nobody's own")]
    [InlineData("data:text/html,x", "nobody's own")]
    [InlineData("myapp://cb", "nobody's own")]
    [InlineData("file:///etc/passwd", "nobody's own")]
    [InlineData("/cb", "is no")]
    [InlineData("https://app.example/a b", "no redirect URI")]
    [InlineData("https://app.example/\u00e9", "no redirect URI")]
    [InlineData("https://app.example/\n", "no redirect URI")]
    [InlineData("https://app.example\\cb", "no redirect URI")]
    [InlineData("", "no redirect URI")]
    public void Codes_may_be_sent_nowhere_else(string uri, string message) => AssertRefused(App with { RedirectUris = ["https://app.example/cb", uri] }, message);

    [Fact]
    public void An_id_is_never_what_a_person_could_have()
    {
        AssertRefused(Service with { Id = "0198f0a1c2d37e4f8a9b0c1d2e3f4a5b" }, "taken for a person");
        AssertRefused(Service with { Id = "0198F0A1C2D37E4F8A9B0C1D2E3F4A5B" }, "taken for a person");
        Assert.Null(ClientRegistration.Judge(Service with { Id = "0198f0a1-c2d3-7e4f-8a9b-0c1d2e3f4a5b" }));
        foreach (var id in (string[])["", "a b", "../x", "a\n", "\u00e9", new('a', 65)]) AssertRefused(Service with { Id = id }, "is no client id");
    }

    [Fact]
    public void A_public_client_acts_for_people_alone()
    {
        AssertRefused(App with { Grants = [GrantNames.ClientCredentials], RedirectUris = [] }, "can't act for itself");
        AssertRefused(App with { Grants = [GrantNames.AuthorizationCode, GrantNames.ClientCredentials] }, "can't act for itself");
        AssertRefused(App with { Grants = [GrantNames.AuthorizationCode, GrantNames.TokenExchange], ExchangeAudiences = ["x"] }, "can't exchange");
        AssertRefused(App with { Keys = new byte[1] }, "one way to prove itself");
    }

    [Fact]
    public void A_grant_comes_with_what_it_needs_and_nothing_comes_without_its_grant()
    {
        AssertRefused(Service with { Grants = [] }, "could do nothing");
        AssertRefused(Service with { Grants = ["password"] }, "is no grant");
        AssertRefused(Service with { Grants = [GrantNames.RefreshToken] }, "nothing to refresh");
        AssertRefused(Web with { RedirectUris = [] }, "where codes may be sent");
        AssertRefused(Service with { RedirectUris = Web.RedirectUris }, "for --grant authorization_code alone");
        AssertRefused(Web with { RedirectUris = [.. Enumerable.Range(0, 17).Select(i => $"https://app.example/{i}")] }, "more than 16");
        AssertRefused(Service with { Grants = [GrantNames.TokenExchange] }, "for whom");
        AssertRefused(Service with { ExchangeAudiences = ["x"] }, "for --grant token_exchange alone");
        AssertRefused(Service with { Grants = [GrantNames.TokenExchange], ExchangeAudiences = ["a b"] }, "is no audience");
        AssertRefused(Service with { Permissions = ["everything"] }, "is no permission");
        AssertRefused(Service with { Permissions = [.. Enumerable.Range(0, 200).Select(i => $"{new string('a', 100)}:{i}")] }, "too many permissions");
    }

    [Theory]
    [InlineData("http://app.example/jwks")]
    [InlineData("https://user:password@app.example/jwks")]
    [InlineData("https://app.example/jwks#x")]
    [InlineData("file:///jwks")]
    public void Keys_are_fetched_over_tls_alone(string uri) => AssertRefused(Service with { Authentication = ClientAuthenticationMethod.PrivateKeyJwt, KeysUri = new Uri(uri) }, "no https address");

    [Fact]
    public void Keys_are_registered_or_published()
    {
        var client = Service with { Authentication = ClientAuthenticationMethod.PrivateKeyJwt };
        AssertRefused(client, "one way to prove itself");
        AssertRefused(client with { Keys = new byte[1], KeysUri = new Uri("https://app.example/jwks") }, "and not both");
    }

    [Fact]
    public void A_certificate_is_one_way_to_prove_itself_and_a_tenant_has_a_name()
    {
        var client = Service with { Authentication = ClientAuthenticationMethod.Certificate, Certificate = "dns:service.example.com", Tenant = "acme" };
        Assert.Null(ClientRegistration.Judge(client));
        AssertRefused(client with { Certificate = null }, "one way to prove itself");
        AssertRefused(client with { Authentication = ClientAuthenticationMethod.Secret }, "one way to prove itself");
        AssertRefused(client with { Keys = new byte[1] }, "one way to prove itself");
        AssertRefused(client with { Certificate = "service.example.com" }, "fingerprint:");
        AssertRefused(client with { Tenant = "a b" }, "is no name of a tenant");
        AssertRefused(client with { Tenant = string.Empty }, "is no name of a tenant");
    }

    private static void AssertRefused(OAuthClient client, string message)
    {
        var defect = ClientRegistration.Judge(client);
        Assert.NotNull(defect);
        Assert.Contains(message, defect.Message, StringComparison.Ordinal);
        Assert.NotEmpty(defect.Hint);
    }
}
