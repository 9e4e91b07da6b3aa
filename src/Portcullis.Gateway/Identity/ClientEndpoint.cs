using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Identity;

/// <summary>An endpoint that programs post forms to, as themselves: what comes before each of them is the same and stands here.</summary>
internal abstract class ClientEndpoint(ClientAuthenticator authenticator) : ITerminal
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
        return client is null ? await OAuthReply.FailAsync(exchange, unknown!) : await AnswerAsync(exchange, client, form);
    }

    /// <summary>Answers the client.</summary>
    protected abstract ValueTask<Verdict> AnswerAsync(Exchange exchange, OAuthClient client, OAuthParameters form);
}
