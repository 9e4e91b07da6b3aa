using System.Net;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary>A page: what comes before each of them is the same and stands here.</summary>
internal abstract class AccountPage(AccountContext account) : ITerminal
{
    /// <summary>What pages share.</summary>
    protected AccountContext Account => account;

    public async ValueTask<Verdict> InvokeAsync(Exchange exchange)
    {
        // 1. Credentials go over TLS only. From this machine they cross no network.
        if (exchange.Scheme != "https" && !IPAddress.IsLoopback(exchange.ClientAddress)) return Verdict.Refuse(RefusalCode.TlsRequired, "account pages over plain HTTP");

        // 2. What changes something comes from a page here, and is one form.
        var isPost = exchange.Method == "POST";
        if (isPost && SameOrigin.Refusal(exchange) is { } cause) return Verdict.Refuse(RefusalCode.OriginDenied, cause);
        var form = isPost ? await AccountForm.ReadBodyAsync(exchange) : AccountForm.ReadQuery(exchange);
        if (form is null) return Verdict.Refuse(RefusalCode.RequestMalformed, "a form that is malformed, too large, or has a field twice");

        // 3. From here on in the pool: stores and hashes take longer than the thread of a socket may wait.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var services = await account.ServicesAsync().WaitAsync(exchange.Aborted);
        var visit = new Visit(exchange, account, services, form);
        visit.Session = await services.Sessions.FindAsync(visit.Cookie(SessionCookie.Name), exchange.Aborted);
        return isPost ? await PostAsync(visit) : await GetAsync(visit);
    }

    /// <summary>Shows the page. Changes nothing.</summary>
    protected virtual ValueTask<Verdict> GetAsync(Visit visit) => new(Verdict.Refuse(RefusalCode.RouteNotFound));

    /// <summary>Takes a form of this origin.</summary>
    protected virtual ValueTask<Verdict> PostAsync(Visit visit) => new(Verdict.Refuse(RefusalCode.RouteNotFound));
}
