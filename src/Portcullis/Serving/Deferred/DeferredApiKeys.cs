using Portcullis.Gateway.Identity.ApiKeys;

namespace Portcullis.Serving.Deferred;

/// <summary>The API keys of a database that is being opened.</summary>
internal sealed class DeferredApiKeys(Task<IApiKeys> opening) : IApiKeys
{
    private volatile IApiKeys? opened;

    public ValueTask<KnownApiKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => opened?.FindAsync(hash, cancellationToken) ?? FindLaterAsync(hash, cancellationToken);

    // Nobody has been told of a key before.
    public void Used(string keyId) => opened?.Used(keyId);

    private async ValueTask<KnownApiKey?> FindLaterAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
        => await (opened = await opening.WaitAsync(cancellationToken)).FindAsync(hash, cancellationToken);
}
