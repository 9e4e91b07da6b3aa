using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Serving.Deferred;

/// <summary>The revocations of a database that is being opened.</summary>
internal sealed class DeferredRevocations(Task<IRevocationStore> opening) : IRevocationStore
{
    public async ValueTask AddAsync(Revocation revocation, CancellationToken cancellationToken) => await (await opening.WaitAsync(cancellationToken)).AddAsync(revocation, cancellationToken);

    public async ValueTask<RevocationReading> ReadAsync(long cursor, CancellationToken cancellationToken) => await (await opening.WaitAsync(cancellationToken)).ReadAsync(cursor, cancellationToken);
}
