using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A program that gets tokens. Lists are texts, separated by spaces.</summary>
[Table("clients")]
public sealed class Client
{
    /// <summary>Its <c>client_id</c>.</summary>
    [MaxLength(64)]
    public required string Id { get; init; }

    /// <summary>SHA-256 of its secret, which is 256 random bits; empty where it has none.</summary>
    [MaxLength(32)]
    public required byte[] SecretHash { get; set; }

    /// <summary>What its tokens may carry, as a <c>scope</c> (RFC 6749 §3.3).</summary>
    [MaxLength(16 * 1024)]
    public required string Permissions { get; set; }

    /// <summary>Whether it gets no tokens for now.</summary>
    public bool IsDisabled { get; set; }

    public DateTimeOffset Created { get; init; }

    /// <summary>How it proves itself.</summary>
    public ClientAuthenticationMethod Authentication { get; init; }

    /// <summary>What it may use at the token endpoint.</summary>
    [MaxLength(512)]
    public string Grants { get; init; } = GrantNames.ClientCredentials;

    /// <summary>Where codes may be sent.</summary>
    [MaxLength(16 * 1024)]
    public string RedirectUris { get; init; } = string.Empty;

    /// <summary>Its public keys as JWKS; null where it has none, or publishes them.</summary>
    [MaxLength(64 * 1024)]
    public byte[]? Keys { get; init; }

    /// <summary>Where it publishes its public keys.</summary>
    [MaxLength(2048)]
    public string? KeysUri { get; init; }

    /// <summary>For whom it may have tokens made by token exchange.</summary>
    [MaxLength(4096)]
    public string ExchangeAudiences { get; init; } = string.Empty;

    /// <summary>The certificate that it shows, in the one form that names of certificates have; null where it shows none.</summary>
    [MaxLength(1100)]
    public string? Certificate { get; init; }

    /// <summary>The tenant that it belongs to; null for none.</summary>
    [MaxLength(64)]
    public string? Tenant { get; init; }
}
