using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>An outside token issuer.</summary>
public sealed record ExternalIssuerOptions
{
    [Description("Its issuer identifier: the exact value of the tokens' iss claim.")]
    public required string Issuer { get; init; }

    [Description("Audience that its tokens must carry.")]
    public required string Audience { get; init; }

    [Description("URL of its JWKS. Default: found through its discovery document")]
    public Uri? Jwks { get; init; }

    [Description("Claim that holds the permissions: a string of words or an array of strings. Default: permissions, then scope")]
    public string? PermissionsClaim { get; init; }

    [Description("Networks that the JWKS may be fetched from, beside public ones.")]
    public NetworkOptions Network { get; init; } = new();
}
