using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Headers;

/// <summary>Security fields of responses. A field that is written replaces the preset's; the word <c>off</c> leaves it to the upstream.</summary>
public sealed record HeadersOptions
{
    [Description("api, web, strict or custom.")]
    [Shorthand]
    public required HeadersPreset Preset { get; init; }

    [Description("Strict-Transport-Security (RFC 6797), sent over https only.")]
    public string? StrictTransportSecurity { get; init; }

    [Description("Content-Security-Policy.")]
    public string? ContentSecurityPolicy { get; init; }

    [Description("Whether a Content-Security-Policy of the upstream's stays. Default: false")]
    public bool KeepCsp { get; init; }

    [Description("X-Content-Type-Options.")]
    public string? ContentTypeOptions { get; init; }

    [Description("X-Frame-Options, for browsers that do not know frame-ancestors.")]
    public string? FrameOptions { get; init; }

    [Description("Referrer-Policy.")]
    public string? ReferrerPolicy { get; init; }

    [Description("Permissions-Policy.")]
    public string? PermissionsPolicy { get; init; }

    [Description("Cross-Origin-Opener-Policy.")]
    public string? CrossOriginOpenerPolicy { get; init; }

    [Description("Cross-Origin-Resource-Policy.")]
    public string? CrossOriginResourcePolicy { get; init; }

    [Description("Cross-Origin-Embedder-Policy.")]
    public string? CrossOriginEmbedderPolicy { get; init; }

    [Description("Further response fields to remove, beside those that name the server and its version.")]
    public IReadOnlyList<string> Remove { get; init; } = [];
}
