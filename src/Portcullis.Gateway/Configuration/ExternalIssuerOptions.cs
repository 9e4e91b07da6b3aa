using System.ComponentModel;
using Portcullis.Trust.Keys;

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

    [Description("Secret shared with it, of 32 octets or more: its tokens are then signed by HS256 and nothing else, and no keys are fetched. Default: none, and no token by HS256 is taken")]
    public Secret? SharedSecret { get; init; }

    [Description("Claim that holds the permissions: a string of words or an array of strings. Default: permissions, or scope where that is empty")]
    public string? PermissionsClaim { get; init; }

    [Description("Permissions resource:action that its tokens can give; others in them count for nothing. Default: any")]
    public IReadOnlyList<string> Permissions { get; init; } = [];

    [Description("Tenant that all its callers belong to. Default: none")]
    public string? Tenant { get; init; }

    [Description("Claim that holds a caller's tenant, where the issuer may name any. Default: none, and its callers belong to no tenant")]
    public string? TenantClaim { get; init; }

    [Description("Takes its tokens without typ too, as some providers issue them. ID tokens for the audience then pass for access tokens. Default: false")]
    public bool AcceptUntyped { get; init; }

    [Description("Addresses that the names of its discovery document and its JWKS may resolve to, as in a cluster.")]
    public NetworkOptions Network { get; init; } = new();
}
