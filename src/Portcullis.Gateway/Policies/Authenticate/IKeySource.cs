using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Where the public keys of an issuer come from: the gateway's own ring, or a JWKS fetched from outside.</summary>
internal interface IKeySource
{
    /// <summary>The keys now. The same instance as long as they are the same.</summary>
    JsonWebKeySet Keys { get; }

    /// <summary>
    /// Looks for newer keys because a token names one that <paramref name="tried"/> does not have. True where there are others
    /// now. Bounded in time and frequency, whoever asks: tokens with invented key ids must not become load on the issuer.
    /// </summary>
    ValueTask<bool> RefreshAsync(JsonWebKeySet tried, string? unknownKeyId, CancellationToken cancellationToken);
}
