using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Identity;

/// <summary>An endpoint that programs post forms to, as themselves: what comes before each of them is the same and stands here.</summary>
internal abstract class ClientEndpoint(ClientAuthenticator authenticator, ClientLimit limit) : ITerminal
{
    public async ValueTask<Verdict> InvokeAsync(Exchange exchange)
    {
        // 1. RFC 6749 §3.2: credentials go over TLS only.
        if (OAuthParameters.AreInTheClear(exchange)) return Verdict.Refuse(RefusalCode.TlsRequired, "credentials over plain HTTP");

        // 2. The form, no parameter twice.
        var (form, malformed) = await OAuthParameters.ReadFormAsync(exchange);
        if (form is null) return await OAuthReply.FailAsync(exchange, malformed!);

        // 3. The client, before anything that depends on who it is. From here on in the pool: clients are read from a store, and a signature by
        // an RSA key takes as long as dozens of requests.
        await PoolTurn.TakeAsync();
        var (client, unknown) = await authenticator.AuthenticateAsync(exchange, form);
        if (client is null) return await OAuthReply.FailAsync(exchange, unknown!);

        // 4. Who has proved itself is limited by what it is, not by where it comes from. A public client has proved nothing yet.
        if (client.Authentication != ClientAuthenticationMethod.None)
        {
            exchange.Caller = new Caller(client.Id, client.Id, []);
            if (limit.Take(exchange, client.Id) is { IsRefusal: true } refusal) return refusal;
        }

        return await AnswerAsync(exchange, client, form);
    }

    /// <summary>Answers the client.</summary>
    protected abstract ValueTask<Verdict> AnswerAsync(Exchange exchange, OAuthClient client, OAuthParameters form);
}
