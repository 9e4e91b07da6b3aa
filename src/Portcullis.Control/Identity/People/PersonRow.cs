using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// The row of a person as the lock of all that is theirs: who changes several rows of one person first writes to that one. So of two on any nodes the second waits and then
/// sees what the first one did, and no two wait for each other.
/// </summary>
internal static class PersonRow
{
    /// <summary>One transaction that has the person's row to itself; <paramref name="otherwise"/>, and nothing done, where there is no such person.</summary>
    public static Task<T> ChangeAsync<T>(this Store store, Guid person, T otherwise, Func<StoreContext, Task<T>> change, CancellationToken cancellationToken)
        => store.InTransactionAsync(
            async context => await TryHoldAsync(context.People.Where(row => row.Id == person), cancellationToken).ConfigureAwait(false) ? await change(context).ConfigureAwait(false) : otherwise,
            cancellationToken);

    /// <summary>Within a transaction: takes the rows to itself until the commit. False where there are none.</summary>
    public static async Task<bool> TryHoldAsync(IQueryable<Storage.Entities.Person> rows, CancellationToken cancellationToken)
        => await rows.ExecuteUpdateAsync(set => set.SetProperty(row => row.IsDisabled, row => row.IsDisabled), cancellationToken).ConfigureAwait(false) > 0;
}
