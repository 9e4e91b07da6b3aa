namespace Portcullis.Control.Storage;

/// <summary>Ways to use a store that several tables share.</summary>
internal static class StoreCalls
{
    /// <summary>
    /// One unit of work on a thread of the pool: the driver of SQLite works on the thread that calls it, and who asks may be an event loop that serves connections.
    /// </summary>
    public static Task<T> InPoolAsync<T>(this Store store, Func<StoreContext, Task<T>> use) => Task.Run(() => store.UseAsync(use));

    /// <summary>One transaction. What <paramref name="use"/> adds to the context is saved before the commit.</summary>
    public static Task<T> InTransactionAsync<T>(this Store store, Func<StoreContext, Task<T>> use, CancellationToken cancellationToken) => store.InPoolAsync(async context =>
    {
        // On SQLite this waits for the one writer there can be (BEGIN IMMEDIATE).
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = transaction.ConfigureAwait(false);
        var result = await use(context).ConfigureAwait(false);
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return result;
    });
}
