using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Policies.Headers;

/// <summary><c>headers</c>: security fields of responses, by preset and one by one.</summary>
internal sealed class HeadersPolicyKind : PolicyKind<HeadersOptions>
{
    /// <summary>Instead of a value: the field is left to the upstream.</summary>
    internal const string Off = "off";

    public override string Name => "headers";

    public override string Description => "Security fields of responses by preset, and no version banners.";

    protected override IEnumerable<Policy> Compile(HeadersOptions options, RouteCompilation route)
    {
        var preset = HeaderPresets.Of(options.Preset);
        var set = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("X-Content-Type-Options", "contentTypeOptions", options.ContentTypeOptions, preset.ContentTypeOptions);
        Add("X-Frame-Options", "frameOptions", options.FrameOptions, preset.FrameOptions);
        Add("Referrer-Policy", "referrerPolicy", options.ReferrerPolicy, preset.ReferrerPolicy);
        Add("Permissions-Policy", "permissionsPolicy", options.PermissionsPolicy, preset.PermissionsPolicy);
        Add("Cross-Origin-Opener-Policy", "crossOriginOpenerPolicy", options.CrossOriginOpenerPolicy, preset.CrossOriginOpenerPolicy);
        Add("Cross-Origin-Resource-Policy", "crossOriginResourcePolicy", options.CrossOriginResourcePolicy, preset.CrossOriginResourcePolicy);
        Add("Cross-Origin-Embedder-Policy", "crossOriginEmbedderPolicy", options.CrossOriginEmbedderPolicy, preset.CrossOriginEmbedderPolicy);
        var csp = Choose("contentSecurityPolicy", options.ContentSecurityPolicy, preset.ContentSecurityPolicy);
        var hsts = Choose("strictTransportSecurity", options.StrictTransportSecurity, preset.StrictTransportSecurity);

        if (csp is not null && csp.Contains("'unsafe-inline'", StringComparison.OrdinalIgnoreCase))
            route.Warning("contentSecurityPolicy", "'unsafe-inline' lets injected script or style run", "use nonces or hashes");
        if (csp is not null && csp.Contains("'unsafe-eval'", StringComparison.OrdinalIgnoreCase))
            route.Warning("contentSecurityPolicy", "'unsafe-eval' lets injected text run as script", "change the script that needs it");

        for (var i = 0; i < options.Remove.Count; i++)
        {
            var name = options.Remove[i];
            if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(RouteCharacters.Token)) route.Error($"remove[{i}]", $"{Excerpt.Quote(name)} is not a field name", "write it as it stands in a response");
            else if (ReservedFields.Contains(name)) route.Error($"remove[{i}]", $"{name} frames the message or is the gateway's own", "leave it out");
        }

        return [new HeadersPolicy(set, csp, hsts, options.KeepCsp, HeaderPresets.Banners.Concat(options.Remove))];

        void Add(string name, string key, string? written, string? ofPreset)
        {
            if (Choose(key, written, ofPreset) is { } value) set.Add(name, value);
        }

        string? Choose(string key, string? written, string? ofPreset)
        {
            if (written is null) return ofPreset;
            if (written == Off)
            {
                if (ofPreset is not null) route.Warning(key, "a security field of the preset is left out", "say in a comment why");
                return null;
            }

            if (FieldValue.IsValid(written)) return written;
            route.Error(key, $"{Excerpt.Quote(written)} can't be sent as a field", "write visible ASCII characters on one line");
            return null;
        }
    }
}
