using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage.Entities;
using Portcullis.Control.Storage.Feed;
using Portcullis.Control.Storage.Postgres;
using Portcullis.Control.Storage.Sqlite;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Storage;

/// <summary>
/// The database of a node: SQLite in the data directory, or PostgreSQL, which several nodes may share. It was checked and brought to this
/// program's schema when it was opened. Safe from any thread; a context belongs to one caller.
/// </summary>
public abstract class Store : IDbContextFactory<StoreContext>, IAsyncDisposable
{
    private protected Store(string place) => Place = place;

    /// <summary>Where it is, for messages; without any secret.</summary>
    public string Place { get; }

    /// <summary>Opens the database, or makes it.</summary>
    /// <exception cref="StoreException">It can't be reached, is damaged, is something else or was written by a newer program.</exception>
    /// <exception cref="DataDirectoryException">The data directory can't be written, or another process holds its lock.</exception>
    public static Task<Store> OpenAsync(DataDirectory data, StorageOptions options, CancellationToken cancellationToken = default)
        => OpenAsync(data, options, mustExist: false, cancellationToken);

    /// <summary>Opens a database that a gateway has used before; makes none.</summary>
    /// <inheritdoc cref="OpenAsync(DataDirectory, StorageOptions, CancellationToken)"/>
    public static Task<Store> OpenExistingAsync(DataDirectory data, StorageOptions options, CancellationToken cancellationToken = default)
        => OpenAsync(data, options, mustExist: true, cancellationToken);

    /// <summary>A context from the pool, for one unit of work. Dispose it.</summary>
    public abstract StoreContext CreateDbContext();

    /// <summary>One unit of work in a context of its own.</summary>
    /// <exception cref="StoreException">The database can't be used; other failures come as they are.</exception>
    public async Task<T> UseAsync<T>(Func<StoreContext, Task<T>> use)
    {
        try
        {
            var context = CreateDbContext();
            await using var disposal = context.ConfigureAwait(false);
            return await use(context).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (exception is not StoreException && Explain(exception) is { } explained) throw explained;
            throw;
        }
    }

    /// <summary>What the failure of a use of the database means to an operator; null where it is no failure of the database.</summary>
    public abstract StoreException? Explain(Exception exception);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>How changes by anybody become known.</summary>
    internal abstract IChangeSource CreateChangeSource();

    /// <summary>Whether a row could not be added because another one has its key.</summary>
    internal abstract bool IsDuplicate(DbUpdateException exception);

    /// <summary>Makes what was just overwritten or deleted in a table unreadable in the database's own files, as far as the database does that while others use it.</summary>
    internal abstract Task ScrubAsync(string table, CancellationToken cancellationToken);

    /// <summary>
    /// The revocations that count at <paramref name="now"/> and were committed since the reading that gave <paramref name="cursor"/>, and the cursor of this one.
    /// Whatever was not committed yet comes with a later reading.
    /// </summary>
    internal abstract Task<(IReadOnlyList<Revocation> Rows, long Cursor)> ReadRevocationsAsync(StoreContext context, long cursor, DateTimeOffset now, CancellationToken cancellationToken);

    private static async Task<Store> OpenAsync(DataDirectory data, StorageOptions options, bool mustExist, CancellationToken cancellationToken) => options.Postgres switch
    {
        Secret connection => await PostgresStore.OpenAsync(connection, cancellationToken).ConfigureAwait(false),

        // The driver of SQLite does all of its work on the calling thread.
        null => await Task.Run(() => SqliteStore.Open(data.Database, mustExist), cancellationToken).ConfigureAwait(false),
    };
}
