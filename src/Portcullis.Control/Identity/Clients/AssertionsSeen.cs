using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Gateway.Identity.Clients;

namespace Portcullis.Control.Identity.Clients;

/// <summary>The assertions that clients have used, in the database: its primary key lets each in once, whichever nodes are asked. Safe from any thread.</summary>
public sealed class AssertionsSeen(Store store) : IAssertionsSeen
{
    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be written.</exception>
    public async ValueTask<bool> TryAddAsync(string clientId, ReadOnlyMemory<byte> digest, DateTimeOffset until, CancellationToken cancellationToken) => await store.UseAsync(async context =>
    {
        context.ClientAssertions.Add(new ClientAssertion { ClientId = clientId, IdHash = digest.ToArray(), Until = until });
        try
        {
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DbUpdateException exception) when (store.IsDuplicate(exception))
        {
            return false;
        }
    }).ConfigureAwait(false);
}
