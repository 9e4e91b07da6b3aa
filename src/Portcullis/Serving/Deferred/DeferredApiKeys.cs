using Portcullis.Gateway.Identity.ApiKeys;

namespace Portcullis.Serving.Deferred;

/// <summary>The API keys of a database that is being opened.</summary>
internal sealed class DeferredApiKeys(Task<IApiKeys> opening) : IApiKeys
{
    public ValueTask<KnownApiKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
        => opening.IsCompletedSuccessfully ? opening.Result.FindAsync(hash, cancellationToken) : FindLaterAsync(hash, cancellationToken);

    // Nobody has been told of a key before.
    public void Used(string keyId)
    {
        if (opening.IsCompletedSuccessfully) opening.Result.Used(keyId);
    }

    private async ValueTask<KnownApiKey?> FindLaterAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => await (await opening.WaitAsync(cancellationToken)).FindAsync(hash, cancellationToken);
}
