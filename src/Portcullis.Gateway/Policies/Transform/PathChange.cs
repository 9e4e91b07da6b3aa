using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary>Turns the path options into a rewrite, or reports what is wrong with them.</summary>
internal static class PathChange
{
    public static PathRewrite? Compile(PathOptions options, RouteCompilation route)
    {
        PathRewrite? rewrite = null;
        RouteError? error = null;
        string key;
        string? prefix = null;
        var pattern = Read(route.Route.Match.Path);

        switch (options)
        {
            case { Strip: { } strip, Prefix: null, Replacement: null, Template: null }:
                key = "path.strip";
                prefix = strip;
                PathRewrite.TryStripPrefix(strip, out rewrite, out error);
                break;
            case { Strip: null, Prefix: { } from, Replacement: { } to, Template: null }:
                key = "path.prefix";
                prefix = from;
                PathRewrite.TryReplacePrefix(from, to, out rewrite, out error);
                break;
            case { Strip: null, Prefix: null, Replacement: null, Template: { } template }:
                key = "path.template";
                if (pattern is not null) PathRewrite.TryTemplate(template, pattern, out rewrite, out error);
                break;
            default:
                route.Error("path", "the path is to be changed in no way, or in more than one", "write strip, prefix with replacement, or template");
                return null;
        }

        if (error is null && prefix is not null && pattern is not null && !CanBegin(pattern, prefix))
            error = new RouteError($"no path that the route matches begins with {prefix}", $"the route matches {pattern.Text}");
        if (error is not null) route.Error(key, error.Text, error.Hint);
        return rewrite;
    }

    /// <summary>Whether some path of the pattern begins with the prefix, which has been read before.</summary>
    private static bool CanBegin(RoutePattern pattern, string prefix)
    {
        var parts = Read(prefix)!.Segments;
        for (var i = 0; i < parts.Length; i++)
        {
            if (i == pattern.Segments.Length) return false;
            var segment = pattern.Segments[i];
            if (segment.Kind == RouteSegmentKind.Rest) return true;
            if (segment.Kind == RouteSegmentKind.Literal && segment.Text != parts[i].Text) return false;
        }

        return true;
    }

    /// <summary>Null for a bad pattern, which is reported where it stands.</summary>
    private static RoutePattern? Read(string text) => RoutePattern.TryParse(text, out var pattern, out _) ? pattern : null;
}
