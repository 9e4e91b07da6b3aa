using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The gateway's own token service and the outside issuers whose tokens routes accept.</summary>
public sealed record IdentityOptions
{
    [Description("The gateway's issuer identifier, an https URL (RFC 8414); http only for loopback.")]
    public required string Issuer { get; init; }

    [Description("Audience that access tokens must carry. Default: the issuer")]
    public string? Audience { get; init; }

    [Description("Hosts on which the token service answers. Default: any")]
    public IReadOnlyList<string> Hosts { get; init; } = [];

    [Description("Access tokens (RFC 9068).")]
    public AccessTokenOptions AccessToken { get; init; } = new();

    [Description("Refresh tokens, and the grants they belong to.")]
    public RefreshTokenOptions RefreshToken { get; init; } = new();

    [Description("Sessions of people in browsers.")]
    public SessionOptions Session { get; init; } = new();

    [Description("Passwords of people.")]
    public PasswordOptions Passwords { get; init; } = new();

    [Description("Callers that are known by client certificates.")]
    public IReadOnlyList<CertificateCallerOptions> Certificates { get; init; } = [];

    [Description("Outside issuers whose access tokens are accepted.")]
    public IReadOnlyList<ExternalIssuerOptions> ExternalIssuers { get; init; } = [];
}
