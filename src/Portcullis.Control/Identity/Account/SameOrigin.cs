using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary>
/// Whether a form was sent by a page of this very origin (OWASP, cross-site request forgery: verifying origin with standard headers). Holds for signing in, too, where there is
/// no session yet that a cookie's SameSite could guard.
/// </summary>
internal static class SameOrigin
{
    /// <summary>Null where it was; else what speaks against it, for the log.</summary>
    public static string? Refusal(Exchange exchange)
    {
        // 1. Fetch metadata: browsers write it, pages can't. Where it is there it must agree.
        var site = exchange.RequestHeaders["Sec-Fetch-Site"];
        if (site.Count > 1 || (site.Count == 1 && site[0] != "same-origin")) return "Sec-Fetch-Site is not same-origin";

        // 2. Origin (RFC 6454 §7). "null" is a page without an origin, such as a sandboxed frame of anybody's.
        var origin = exchange.RequestHeaders.Origin;
        if (origin.Count == 0) return site.Count == 1 ? null : "neither Origin nor Sec-Fetch-Site";
        return origin.Count == 1 && origin[0] == Of(exchange) ? null : "Origin is not this one";
    }

    /// <summary>The origin of the request as browsers write it: the scheme's own port is left out.</summary>
    public static string Of(Exchange exchange)
    {
        var authority = exchange.Authority;
        var usual = exchange.Scheme == "https" ? ":443" : ":80";
        if (authority.EndsWith(usual, StringComparison.Ordinal)) authority = authority[..^usual.Length];
        return $"{exchange.Scheme}://{authority}";
    }
}
