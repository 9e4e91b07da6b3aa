namespace Portcullis.Gateway.Policies.Headers;

/// <summary>What each preset sends.</summary>
internal static class HeaderPresets
{
    private const string NoDevices =
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(self), geolocation=(), gyroscope=(), "
        + "magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(self), screen-wake-lock=(), usb=(), xr-spatial-tracking=()";

    /// <summary>Fields that tell an attacker what runs behind: removed always.</summary>
    public static readonly string[] Banners =
    [
        "Server", "Via", "X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Powered-CMS", "X-Generator", "X-Runtime", "X-Version",
        "X-Server", "X-Backend", "X-Backend-Server", "X-Served-By", "X-Varnish", "X-Envoy-Upstream-Service-Time", "X-Kong-Upstream-Latency", "X-Kong-Proxy-Latency",
    ];

    /// <summary>The preset as options, all fields set but those it does not send.</summary>
    public static HeadersOptions Of(HeadersPreset preset) => preset switch
    {
        HeadersPreset.Api => Api,
        HeadersPreset.Web => Web,
        HeadersPreset.Strict => Strict,
        _ => new HeadersOptions { Preset = HeadersPreset.Custom },
    };

    private static HeadersOptions Api { get; } = new()
    {
        Preset = HeadersPreset.Api,
        StrictTransportSecurity = "max-age=31536000",
        ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ContentTypeOptions = "nosniff",
        FrameOptions = "DENY",
        ReferrerPolicy = "no-referrer",
        PermissionsPolicy = NoDevices,
        CrossOriginOpenerPolicy = "same-origin",
        CrossOriginResourcePolicy = "same-origin",
    };

    private static HeadersOptions Web { get; } = new()
    {
        Preset = HeadersPreset.Web,
        StrictTransportSecurity = "max-age=31536000",
        ContentSecurityPolicy = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
        ContentTypeOptions = "nosniff",
        FrameOptions = "SAMEORIGIN",
        ReferrerPolicy = "strict-origin-when-cross-origin",
        PermissionsPolicy = NoDevices,

        // A page may open the window of an identity provider and hear from it.
        CrossOriginOpenerPolicy = "same-origin-allow-popups",
        CrossOriginResourcePolicy = "same-site",
    };

    private static HeadersOptions Strict { get; } = new()
    {
        Preset = HeadersPreset.Strict,
        StrictTransportSecurity = "max-age=63072000; includeSubDomains",
        ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ContentTypeOptions = "nosniff",
        FrameOptions = "DENY",

        // Not no-referrer: with that, browsers send Origin: null from the site's own forms.
        ReferrerPolicy = "same-origin",
        PermissionsPolicy = NoDevices,
        CrossOriginOpenerPolicy = "same-origin",
        CrossOriginResourcePolicy = "same-origin",
        CrossOriginEmbedderPolicy = "require-corp",
    };
}
