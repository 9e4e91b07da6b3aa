using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Cors;

/// <summary>
/// Answers preflights and marks responses for the pages of allowed origins. Requests that pages of other origins could do harm with
/// without reading the answer, which CORS alone lets through, are refused.
/// </summary>
internal sealed class CorsPolicy : Policy
{
    private readonly OriginSet origins;
    private readonly bool credentials;
    private readonly string methods;
    private readonly string headers;
    private readonly string exposedHeaders;
    private readonly string maxAge;

    /// <param name="origins">The allowed origins.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="methods">The allowed methods.</param>
    public CorsPolicy(OriginSet origins, CorsOptions options, IEnumerable<string> methods)
    {
        this.origins = origins;
        this.methods = string.Join(", ", methods);
        credentials = options.Credentials;
        headers = string.Join(", ", options.Headers);
        exposedHeaders = string.Join(", ", options.ExposedHeaders);
        maxAge = ((long)options.MaxAge.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    public override Stage Stage => Stage.Admit;

    public override bool ActsOnResponse => true;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        // A cache must not give one origin's answer to another, nor the answer without fields to an origin.
        if (!origins.AllowsAny) exchange.AddResponseField("Vary", "Origin");

        // 1. No page of another origin.
        var sent = exchange.RequestHeaders.Origin;
        if (sent.Count == 0) return new(Verdict.Continue);
        if (sent.Count > 1) return new(Verdict.Refuse(RefusalCode.OriginDenied, "several Origin fields"));

        // 2. A page of an allowed origin.
        var origin = sent[0] ?? string.Empty;
        var isPreflight = Preflight.RequestedMethod(exchange.Method, exchange.RequestHeaders) is not null;
        if (origins.Allows(origin))
        {
            Allow(exchange, origin, isPreflight);
            return isPreflight ? AnswerAsync(exchange) : new(Verdict.Continue);
        }

        // 3. A page of another origin. It can't read the answer, so requests that change nothing may go on without CORS fields.
        if (!isPreflight && (IsHarmless(exchange) || OwnOrigin.Is(exchange, origin))) return new(Verdict.Continue);
        return new(Verdict.Refuse(RefusalCode.OriginDenied, isPreflight ? "preflight" : null));
    }

    /// <summary>The gateway alone speaks CORS here: what an upstream says could allow more.</summary>
    public override Verdict OnResponse(Exchange exchange)
    {
        var fields = exchange.ResponseHeaders;
        fields.Remove("Access-Control-Allow-Origin");
        fields.Remove("Access-Control-Allow-Credentials");
        fields.Remove("Access-Control-Allow-Methods");
        fields.Remove("Access-Control-Allow-Headers");
        fields.Remove("Access-Control-Expose-Headers");
        fields.Remove("Access-Control-Max-Age");
        fields.Remove("Access-Control-Allow-Private-Network");
        return Verdict.Continue;
    }

    private void Allow(Exchange exchange, string origin, bool isPreflight)
    {
        exchange.AddResponseField("Access-Control-Allow-Origin", origins.AllowsAny ? OriginSet.Any : origin);
        if (credentials) exchange.AddResponseField("Access-Control-Allow-Credentials", "true");
        if (isPreflight)
        {
            exchange.AddResponseField("Access-Control-Allow-Methods", methods);
            if (headers.Length > 0) exchange.AddResponseField("Access-Control-Allow-Headers", headers);
            exchange.AddResponseField("Access-Control-Max-Age", maxAge);
        }
        else if (exposedHeaders.Length > 0)
        {
            exchange.AddResponseField("Access-Control-Expose-Headers", exposedHeaders);
        }
    }

    private static async ValueTask<Verdict> AnswerAsync(Exchange exchange)
    {
        exchange.StatusCode = StatusCodes.Status204NoContent;
        var verdict = exchange.PrepareResponse();
        if (!verdict.IsContinue) return verdict;
        await exchange.ResponseBodyFeature.CompleteAsync();
        return Verdict.Responded;
    }

    /// <summary>
    /// Safe methods (RFC 9110 §9.2.1), but for the GET that opens a WebSocket: that is not subject to CORS, can be read by the page that
    /// opened it and carries the user's cookies.
    /// </summary>
    private static bool IsHarmless(Exchange exchange)
        => exchange.Method is "GET" or "HEAD" or "OPTIONS" && exchange.RequestHeaders.Upgrade.Count == 0;
}
