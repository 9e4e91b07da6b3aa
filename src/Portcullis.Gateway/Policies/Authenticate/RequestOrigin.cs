using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Cors;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// Whether a request that a browser sends with its session was meant by a page of this origin. SameSite keeps other sites' pages from sending the cookie,
/// but not those of sibling hosts; this does (OWASP, Cross-Site Request Forgery Prevention: verifying origin with standard headers).
/// </summary>
/// <param name="allowed">Other origins whose pages may act for the person, as the route's cors says; null for none.</param>
internal sealed class RequestOrigin(OriginSet? allowed)
{
    private const string Opaque = "null";

    /// <summary>Null where it was; otherwise why not, for logs.</summary>
    public string? Judge(Exchange exchange)
    {
        // 1. Safe methods change nothing (RFC 9110 §9.2.1), but for the GET that opens a WebSocket, which a page of any origin may send and read.
        var headers = exchange.RequestHeaders;
        if (exchange.Method is "GET" or "HEAD" or "OPTIONS" && headers.Upgrade.Count == 0) return null;

        // 2. Both fields are a browser's own: no page can write them. Several are nobody's.
        var (origin, site) = (headers.Origin, headers["Sec-Fetch-Site"]);
        if (origin.Count > 1 || site.Count > 1) return "several Origin or Sec-Fetch-Site fields";
        var named = origin.Count == 1 ? origin[0] ?? string.Empty : null;
        if (named is not null and not Opaque && allowed?.Allows(named) == true) return null;

        // 3. A page of this origin. Some of those are called null, for the sake of their referrer policy; then Sec-Fetch-Site knows, and a sandboxed frame,
        // which has the same name, is cross-site to it.
        if (site.Count == 1)
        {
            if (site[0] != "same-origin") return "Sec-Fetch-Site is not same-origin";
            return named is null or Opaque || OwnOrigin.Names(exchange, named) ? null : "Origin is another than Sec-Fetch-Site says";
        }

        // 4. Browsers before Fetch Metadata send Origin with every unsafe request. Who sends neither is no browser, and has no business with a session.
        return named is null ? "neither Origin nor Sec-Fetch-Site" : OwnOrigin.Names(exchange, named) ? null : "another origin";
    }
}
