using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Sends a browser that navigates to the page to sign in on, and from there back.</summary>
internal static class SignInRedirect
{
    /// <summary>Whether the request is a person's way to a page: a form would be lost on the way, and a script has no use for a page.</summary>
    public static bool IsDue(Exchange exchange) => exchange.Method == "GET" && exchange.RequestHeaders.Upgrade.Count == 0 && RefusalWriter.WantsPage(exchange);

    /// <summary>303, since what follows is another resource (RFC 9110 §15.4.4). The record tells why nothing was given.</summary>
    public static ValueTask<Verdict> SendAsync(Exchange exchange, ISignIn pages, SignInWish wish, RefusalCode code, string cause)
    {
        exchange.Fail(code, cause);
        exchange.AddResponseField("Cache-Control", "no-store");
        exchange.ResponseHeaders.Location = pages.PageFor(exchange.Target.Value, wish);
        return exchange.RespondAsync(303, null, default);
    }
}
