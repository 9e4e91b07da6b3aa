using Portcullis.Gateway.Identity.Certificates;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Identity.Clients;

/// <summary>Tells which client a request is of: by secret, assertion, certificate or, for public clients, by name alone (RFC 6749 §2.3). One way per request.</summary>
/// <param name="clients">The clients.</param>
/// <param name="assertions">Judges assertions; null: none are taken.</param>
/// <param name="clock">Tells whether a certificate is still valid.</param>
internal sealed class ClientAuthenticator(IClientStore clients, ClientAssertions? assertions, TimeProvider clock)
{
    /// <summary>Compared against where the client is unknown, so that both cases take the same steps.</summary>
    private static readonly OAuthClient Nobody = new(string.Empty, new byte[32], [], IsDisabled: true);

    /// <summary>The client, or the error that says it could not be told.</summary>
    public async ValueTask<(OAuthClient? Client, OAuthError? Error)> AuthenticateAsync(Exchange exchange, OAuthParameters form)
    {
        var authorization = exchange.RequestHeaders.Authorization;
        if (authorization.Count == 0 && form.Contains("client_assertion")) return await ByAssertionAsync(exchange, form);
        if (authorization.Count == 0 && !form.Contains("client_secret") && form["client_id"] is { } name) return await ByNameAsync(exchange, name);
        if (ClientCredentials.Read(authorization, form, out var reason) is not { } credentials) return Fail(reason);

        var client = await clients.FindAsync(credentials.Id, exchange.Aborted) ?? Nobody;
        var matches = client.SecretMatches(credentials.Secret);
        return matches && !client.IsDisabled ? (client, null) : Fail(matches ? "client is disabled" : "unknown client or wrong secret");
    }

    private async ValueTask<(OAuthClient? Client, OAuthError? Error)> ByAssertionAsync(Exchange exchange, OAuthParameters form)
    {
        if (form.Contains("client_secret")) return Fail("client assertion and secret");
        if (form["client_assertion"] is not { } assertion || form["client_assertion_type"] != ClientAssertions.Type) return Fail("client_assertion without its type");
        if (ClientAssertions.ClaimedClient(assertion) is not { } id) return Fail("assertion: malformed");

        // RFC 7521 §4.2: where the client is named beside it, it is the same.
        if (form["client_id"] is { } named && named != id) return Fail("assertion: of another client than is named");
        if (await clients.FindAsync(id, exchange.Aborted) is not { Authentication: ClientAuthenticationMethod.PrivateKeyJwt, IsDisabled: false } client || assertions is null)
            return Fail("unknown or disabled client, or one that does not use assertions");
        return await assertions.JudgeAsync(client, assertion, exchange.RequestId, exchange.Aborted) is { } cause ? Fail(cause) : (client, null);
    }

    /// <summary>
    /// Only who has no credentials is taken at its word: a client with a secret can't leave it out. One that is registered with a certificate says its name,
    /// and the connection proves it (RFC 8705 §2).
    /// </summary>
    private async ValueTask<(OAuthClient? Client, OAuthError? Error)> ByNameAsync(Exchange exchange, string id) => await clients.FindAsync(id, exchange.Aborted) switch
    {
        { Authentication: ClientAuthenticationMethod.None, IsDisabled: false } client => (client, null),
        { Authentication: ClientAuthenticationMethod.Certificate, IsDisabled: false } client => Shows(exchange, client) ? (client, null) : Fail("no certificate, or another than the client's"),
        _ => Fail("no client credentials"),
    };

    private bool Shows(Exchange exchange, OAuthClient client)
        => client.Certificate is { } text
            && CertificateName.TryParse(text, out var name, out _)
            && exchange.Certificate is { } shown
            && shown.IsValidAt(clock.GetUtcNow())
            && shown.Keys.Contains(name.Key);

    private static (OAuthClient? Client, OAuthError? Error) Fail(string cause) => (null, OAuthError.InvalidClient(cause));
}
