using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Where the public keys of an issuer come from: the gateway's own ring, or a JWKS fetched from outside.</summary>
internal interface IKeySource
{
    /// <summary>The keys now. The same instance as long as they are the same.</summary>
    JsonWebKeySet Keys { get; }

    /// <summary>
    /// Looks for newer keys because a token names one that is not known. True where the keys have changed. Bounded in time
    /// and frequency, whoever asks: tokens with invented key ids must not become load on the issuer.
    /// </summary>
    ValueTask<bool> RefreshAsync(string? unknownKeyId, CancellationToken cancellationToken);
}
