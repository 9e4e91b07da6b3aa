using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Policies.Cors;

/// <summary><c>cors</c>: which origins' pages may use the route. Without it no origin is allowed by the gateway.</summary>
internal sealed class CorsPolicyKind : PolicyKind<CorsOptions>
{
    private static readonly string[] SafelistedMethods = ["GET", "HEAD", "POST"];

    public override string Name => "cors";

    public override string Description => "Which origins' pages may use the route from a browser; answers preflights and replaces the upstream's CORS fields.";

    protected override IEnumerable<Policy> Compile(CorsOptions options, RouteCompilation route)
    {
        var patterns = ReadOrigins(options, route);
        CheckNames("methods", options.Methods, route);
        CheckNames("headers", options.Headers, route);
        CheckNames("exposedHeaders", options.ExposedHeaders, route);

        var methods = options.Methods is not [] ? options.Methods : route.Route.Match.Methods is not [] ? route.Route.Match.Methods : SafelistedMethods;
        return [new CorsPolicy(new OriginSet(patterns, options.Origins.Contains(OriginSet.Any), options.Origins.Contains(OriginSet.Opaque)), options, methods)];
    }

    private static List<OriginPattern> ReadOrigins(CorsOptions options, RouteCompilation route)
    {
        var patterns = new List<OriginPattern>();
        if (options.Origins.Count == 0) route.Error("origins", "no origin is named", "name the origins, or leave cors out to allow none");
        for (var i = 0; i < options.Origins.Count; i++)
        {
            var text = options.Origins[i];
            var at = $"origins[{i}]";
            if (text == OriginSet.Any) CheckAny(options, at, route);
            else if (text == OriginSet.Opaque)
                route.Warning(at, "null is the origin of every sandboxed frame, also in a page of an attacker", "name the origin of the page instead");
            else if (!OriginPattern.TryParse(text, out var pattern, out var error))
                route.Error(at, $"{Excerpt.Quote(text)} is no origin: {error.Text}", error.Hint);
            else
            {
                patterns.Add(pattern);
                if (pattern.Scheme == "http" && !IsLocal(pattern))
                    route.Warning(at, $"pages of {Excerpt.Quote(text)} can be changed by everybody on the way to the user", "serve the page over https");
            }
        }

        return patterns;
    }

    private static void CheckAny(CorsOptions options, string at, RouteCompilation route)
    {
        if (options.Credentials)
            route.Error(at, "* with credentials would let every page on the web act as the user", "name the origins, or set credentials: false");
        else if (options.Origins.Count > 1)
            route.Error(at, "* makes the other origins pointless", "keep * or the others");
        else
            route.Warning(at, "every page on the web may read this route", "name the origins unless the route is public");
    }

    private static bool IsLocal(in OriginPattern pattern)
        => pattern.IsExact && Uri.TryCreate(pattern.Before, UriKind.Absolute, out var uri) && uri.IsLoopback;

    /// <summary>Methods and field names are tokens (RFC 9110 §5.6.2); a wildcard is one too, and would let a later field or method in.</summary>
    private static void CheckNames(string key, IReadOnlyList<string> names, RouteCompilation route)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == "*") route.Error($"{key}[{i}]", "* is not accepted here", "name what pages need");
            else if (names[i].Length == 0 || names[i].AsSpan().ContainsAnyExcept(RouteCharacters.Token))
                route.Error($"{key}[{i}]", $"{Excerpt.Quote(names[i])} is not a name", "write it as it stands in a request");
        }
    }
}
