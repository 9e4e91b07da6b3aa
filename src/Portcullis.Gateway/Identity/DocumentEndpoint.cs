using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Identity;

/// <summary>A public JSON document that clients may cache: the JWKS and the discovery documents.</summary>
internal sealed class DocumentEndpoint(string contentType, TimeSpan maximumAge, Func<ReadOnlyMemory<byte>> read) : ITerminal
{
    private readonly string cacheControl = $"public, max-age={(long)maximumAge.TotalSeconds}";

    public ValueTask<Verdict> InvokeAsync(Exchange exchange)
    {
        exchange.AddResponseField("Cache-Control", cacheControl);
        exchange.AddResponseField("Access-Control-Allow-Origin", "*");
        exchange.AddResponseField("X-Content-Type-Options", "nosniff");
        return exchange.RespondAsync(200, contentType, read());
    }
}
