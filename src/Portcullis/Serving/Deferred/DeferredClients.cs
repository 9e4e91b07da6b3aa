using Portcullis.Gateway.Identity;

namespace Portcullis.Serving.Deferred;

/// <summary>The clients of a database that is being opened.</summary>
internal sealed class DeferredClients(Task<IClientStore> opening) : IClientStore
{
    public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken)
        => opening.IsCompletedSuccessfully ? opening.Result.FindAsync(id, cancellationToken) : FindLaterAsync(id, cancellationToken);

    private async ValueTask<OAuthClient?> FindLaterAsync(string id, CancellationToken cancellationToken) => await (await opening.WaitAsync(cancellationToken)).FindAsync(id, cancellationToken);
}
