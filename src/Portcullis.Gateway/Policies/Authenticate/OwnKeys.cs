using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>The keys of the gateway's own issuer.</summary>
internal sealed class OwnKeys(Lazy<KeyRing> ring) : IKeySource
{
    public JsonWebKeySet Keys => ring.Value.Current.PublicKeys(KeyPurpose.TokenSigning);

    /// <summary>The ring is reloaded by its owner when its file changes; there is nothing to fetch.</summary>
    public ValueTask<bool> RefreshAsync(JsonWebKeySet tried, string? unknownKeyId, CancellationToken cancellationToken) => new(false);
}
