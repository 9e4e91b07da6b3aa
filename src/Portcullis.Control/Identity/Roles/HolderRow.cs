using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;

namespace Portcullis.Control.Identity.Roles;

/// <summary>The row of a person or client, by which changes to what it holds take turns.</summary>
internal static class HolderRow
{
    /// <summary>
    /// Locks the row until the transaction ends, and gives the permissions that the holder has by itself: a client's; people have none. Null where there is no such
    /// person or client. An update that changes nothing is what locks a row on both databases.
    /// </summary>
    public static async Task<IReadOnlyList<string>?> LockAsync(StoreContext context, string subject, CancellationToken cancellationToken)
    {
        if (Holder.IsOfPerson(subject, out var id))
        {
            var people = context.People.Where(person => person.Id == id);
            return await people.ExecuteUpdateAsync(row => row.SetProperty(person => person.IsDisabled, person => person.IsDisabled), cancellationToken).ConfigureAwait(false) == 0 ? null : [];
        }

        var clients = context.Clients.Where(client => client.Id == subject);
        if (await clients.ExecuteUpdateAsync(row => row.SetProperty(client => client.IsDisabled, client => client.IsDisabled), cancellationToken).ConfigureAwait(false) == 0) return null;
        var permissions = await clients.Select(client => client.Permissions).SingleAsync(cancellationToken).ConfigureAwait(false);
        return permissions.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
