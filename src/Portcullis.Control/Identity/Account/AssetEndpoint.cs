using Portcullis.Control.Identity.Account.Views;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary>A resource of the pages, the same for everybody, never another content under its path.</summary>
internal sealed class AssetEndpoint(Asset asset) : ITerminal
{
    public ValueTask<Verdict> InvokeAsync(Exchange exchange)
    {
        var headers = exchange.ResponseHeaders;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        return exchange.RespondAsync(200, asset.ContentType, asset.Content);
    }
}
