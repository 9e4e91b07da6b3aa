namespace Portcullis.Gateway.Identity;

/// <summary>Where the token service looks up programs. Implemented by the control plane.</summary>
public interface IClientStore
{
    /// <summary>The client with that id, or null. Sees changes by other processes within a second.</summary>
    /// <remarks>Throws where the store can't be read; the request is then answered 500, and no token is issued.</remarks>
    ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken);
}
