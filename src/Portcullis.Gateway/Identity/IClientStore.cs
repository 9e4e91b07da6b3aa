namespace Portcullis.Gateway.Identity;

/// <summary>Where the token service looks up programs. Implemented by the control plane.</summary>
public interface IClientStore
{
    /// <summary>The client with that id, or null. Sees changes by other processes within a second.</summary>
    /// <exception cref="IOException">The store can't be read; the token service then issues nothing.</exception>
    ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken);
}
