using Portcullis.Gateway.Identity.Clients;

namespace Portcullis.Serving.Deferred;

/// <summary>The used assertions in a database that is being opened.</summary>
internal sealed class DeferredAssertions(Task<IAssertionsSeen> opening) : IAssertionsSeen
{
    public async ValueTask<bool> TryAddAsync(string clientId, ReadOnlyMemory<byte> digest, DateTimeOffset until, CancellationToken cancellationToken)
        => await (await opening.WaitAsync(cancellationToken)).TryAddAsync(clientId, digest, until, cancellationToken);
}
