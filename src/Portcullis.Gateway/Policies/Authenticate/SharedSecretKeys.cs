using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>The secret that is shared with an outside issuer, and nothing to fetch.</summary>
internal sealed class SharedSecretKeys(Secret secret) : IKeySource
{
    public JsonWebKeySet Keys { get; } = JsonWebKeySet.OfSharedSecret(secret);

    public ValueTask<bool> RefreshAsync(JsonWebKeySet tried, string? unknownKeyId, CancellationToken cancellationToken) => new(false);
}
