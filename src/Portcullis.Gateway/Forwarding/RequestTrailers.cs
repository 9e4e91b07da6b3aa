using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Gives transports the request's trailer fields that may be passed on (RFC 9110 §6.5.1).</summary>
internal static class RequestTrailers
{
    /// <summary>Valid once the body has been read to its end; null when there are none.</summary>
    public static Func<IHeaderDictionary?> Of(IHttpRequestTrailersFeature feature, CompiledRoute? route) => () =>
    {
        if (!feature.Available || feature.Trailers.Count == 0) return null;
        var passed = new HeaderDictionary(feature.Trailers.Count);
        foreach (var (name, values) in feature.Trailers)
        {
            if (EndToEnd.MayBeTrailer(VariableName.Of(name)) && RequestFields.MayPass(name, forwardAuthorization: false)) passed[name] = values;
        }

        if (route is not null)
        {
            foreach (var policy in route.RequestPolicies) policy.OnRequestTrailers(passed);
        }

        return passed.Count == 0 ? null : passed;
    };
}
