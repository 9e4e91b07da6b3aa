using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Gives transports the request's trailer fields that may be passed on (RFC 9110 §6.5.1).</summary>
internal static class RequestTrailers
{
    /// <summary>Valid once the body has been read to its end; null when there are none.</summary>
    /// <param name="feature">The trailer fields as they arrive.</param>
    /// <param name="connection">What the head says of this connection: fields that it names end here (RFC 9110 §7.6.1).</param>
    /// <param name="route">Whose policies may take further ones out.</param>
    public static Func<IHeaderDictionary?> Of(IHttpRequestTrailersFeature feature, StringValues connection, CompiledRoute? route) => () =>
    {
        if (!feature.Available || feature.Trailers.Count == 0) return null;
        var passed = new HeaderDictionary(feature.Trailers.Count);
        foreach (var (name, values) in feature.Trailers)
        {
            if (EndToEnd.MayBeTrailer(VariableName.Of(name)) && RequestFields.MayPass(name, forwardAuthorization: false, forwardApiKey: false) && !ConnectionField.Names(connection, name))
                passed[name] = values;
        }

        if (route is not null)
        {
            foreach (var policy in route.RequestPolicies) policy.OnRequestTrailers(passed);
        }

        return passed.Count == 0 ? null : passed;
    };
}
