using System.Security.Cryptography;
using System.Text;
using Portcullis.Gateway.Identity.Certificates;
using Portcullis.Gateway.Identity.Clients;

namespace Portcullis.Gateway.Identity;

/// <summary>A program that gets tokens: for itself by the client-credentials grant (RFC 6749 §4.4), or for people where it is registered for that.</summary>
/// <param name="Id">Its <c>client_id</c>.</param>
/// <param name="SecretHash">
/// SHA-256 of its secret. A plain hash is enough because secrets are 256 random bits made here, never chosen by people.
/// </param>
/// <param name="Permissions">What its tokens may carry, each <c>resource:action</c>.</param>
/// <param name="IsDisabled">Whether it gets no tokens for now.</param>
public sealed record OAuthClient(string Id, ReadOnlyMemory<byte> SecretHash, IReadOnlyList<string> Permissions, bool IsDisabled)
{
    /// <summary>How it proves itself.</summary>
    public ClientAuthenticationMethod Authentication { get; init; } = ClientAuthenticationMethod.Secret;

    /// <summary>What it may use of <see cref="GrantNames"/>. Default: client credentials alone.</summary>
    public IReadOnlyList<string> Grants { get; init; } = [GrantNames.ClientCredentials];

    /// <summary>Where codes may be sent: absolute URLs without fragment, compared octet by octet (RFC 9700 §2.1).</summary>
    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    /// <summary>Its public keys as a JWKS document in UTF-8, for <see cref="ClientAuthenticationMethod.PrivateKeyJwt"/>; empty where it has <see cref="KeysUri"/>.</summary>
    public ReadOnlyMemory<byte> Keys { get; init; }

    /// <summary>Where its public keys are published; null where it has <see cref="Keys"/>.</summary>
    public Uri? KeysUri { get; init; }

    /// <summary>For whom it may have tokens made by token exchange (RFC 8693): names of upstreams.</summary>
    public IReadOnlyList<string> ExchangeAudiences { get; init; } = [];

    /// <summary>
    /// The certificate that it shows, for <see cref="ClientAuthenticationMethod.Certificate"/>, as <see cref="CertificateName"/> reads it: <c>fingerprint:…</c>,
    /// <c>subject:…</c>, <c>dns:…</c> or <c>uri:…</c>. Null where it shows none.
    /// </summary>
    public string? Certificate { get; init; }

    /// <summary>The tenant that it belongs to, and for people of which alone it gets tokens; null for none.</summary>
    public string? Tenant { get; init; }

    /// <summary>The hash that is stored for a secret.</summary>
    public static byte[] HashSecret(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Compares in fixed time. Never true for a client that proves itself otherwise.</summary>
    public bool SecretMatches(string secret) => Authentication == ClientAuthenticationMethod.Secret & CryptographicOperations.FixedTimeEquals(SecretHash.Span, HashSecret(secret));
}
