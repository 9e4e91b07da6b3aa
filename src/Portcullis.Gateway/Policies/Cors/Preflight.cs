using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Policies.Cors;

/// <summary>The question that browsers ask before a request of another origin's page (Fetch standard, "CORS-preflight request").</summary>
internal static class Preflight
{
    /// <summary>The method of the request that is asked about; null when this is no preflight.</summary>
    public static string? RequestedMethod(string method, IHeaderDictionary headers)
        => method == "OPTIONS" && headers.AccessControlRequestMethod is [{ Length: > 0 } requested] && headers.Origin.Count > 0 ? requested : null;
}
