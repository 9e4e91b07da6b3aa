using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// Writes refusals: RFC 9457 problem+json, or a small page for browsers that navigate. Both carry the public code and the
/// request id and nothing else, so that a refusal teaches an attacker nothing.
/// </summary>
internal static class RefusalWriter
{
    /// <summary>The code for a status that the HTTP server chose for a malformed request.</summary>
    public static RefusalCode CodeFor(int status) => status switch
    {
        408 => RefusalCode.RequestTimeout,
        413 => RefusalCode.RequestTooLarge,
        414 => RefusalCode.TargetTooLong,
        417 => RefusalCode.ExpectationFailed,
        431 => RefusalCode.HeadersTooLarge,
        501 => RefusalCode.CodingNotSupported,
        505 => RefusalCode.VersionNotSupported,
        _ => RefusalCode.RequestMalformed,
    };

    public static async Task WriteAsync(Exchange exchange, RefusalCode code)
    {
        // What an upstream or a half-finished terminal left behind must not be sent with a refusal.
        exchange.ResponseHeaders.Clear();
        exchange.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = null;
        exchange.StatusCode = code.Status;

        var asPage = WantsPage(exchange);
        var body = asPage ? RefusalPage.Render(code, exchange.RequestId) : code.Problem(exchange.RequestId);
        var headers = exchange.ResponseHeaders;
        headers.ContentType = asPage ? "text/html; charset=utf-8" : RefusalCode.ProblemMediaType;
        headers.CacheControl = "no-store";
        headers.ContentLength = body.Length;
        if (asPage)
        {
            headers.ContentSecurityPolicy = RefusalPage.ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
        }

        // A response policy that refuses a refusal changes nothing: the refusal goes out, with the fields every response has.
        if (exchange.PrepareResponse().IsRefusal) exchange.ApplyResponseFields();

        // Whoever sends one malformed request may have hidden another behind it: nothing more is read from the connection.
        if ((code == RefusalCode.RequestMalformed || code == RefusalCode.CodingNotSupported || code == RefusalCode.MethodNotSupported) && !HttpProtocol.IsHttp2(exchange.Protocol)) headers.Connection = "close";
        if (exchange.Method == "HEAD")
        {
            await exchange.ResponseBody.FlushAsync(exchange.Aborted);
        }
        else
        {
            exchange.ResponseBytes = body.Length;
            await exchange.ResponseBody.WriteAsync(body, exchange.Aborted);
        }

        await exchange.ResponseBodyFeature.CompleteAsync();
    }

    /// <summary>A browser that navigates: it accepts HTML, and does not say it is fetching something else.</summary>
    internal static bool WantsPage(Exchange exchange)
    {
        if (exchange.RequestHeaders.TryGetValue("Sec-Fetch-Mode", out var mode) && mode != "navigate") return false;
        foreach (var accept in exchange.RequestHeaders.Accept)
        {
            if (accept is not null && accept.Contains("text/html", StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
