using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Portcullis.Control.Storage.Entities;
using Portcullis.Control.Storage.Feed;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Storage.Sqlite;

/// <summary>
/// The database in a file of mode 0600, in WAL mode, used by the processes of one machine. A new one is made beside and renamed, so that the file is
/// never there half made: an empty one is a damaged one.
/// </summary>
internal sealed class SqliteStore : Store
{
    /// <summary>Seconds that a use waits for another process to finish writing.</summary>
    internal const int Patience = 5;

    /// <summary>The same for verbs.</summary>
    internal const int PatienceOfVerbs = 60;

    private readonly string connectionString;
    private readonly Lazy<PooledDbContextFactory<SqliteStoreContext>> contexts;

    private SqliteStore(string path, int patience)
        : base(path)
    {
        connectionString = ConnectionString(path, pooling: true, patience);

        // The model is loaded by the first use, which need not be part of a start.
        contexts = new(() => new PooledDbContextFactory<SqliteStoreContext>(Options(connectionString), poolSize: 32));
    }

    /// <summary>Opens the file after looking whether it is whole, ours and current; makes it where there is none.</summary>
    public static SqliteStore Open(string path, bool mustExist)
    {
        try
        {
            // A file that is current needs no lock: it came by a rename, and what others bring up shows as older.
            if (!File.Exists(path) || Look(path) != SchemaState.Current)
            {
                using var held = FileLock.Acquire(path + ".lock");
                if (!File.Exists(path)) Make(path, mustExist);
                else if (Look(path) == SchemaState.Older) SqliteMigration.BringUp(ConnectionString(path, pooling: false));
            }

            // Who opens a database that is there and makes none is a verb, which nobody's request waits for: on a busy machine it takes its turn behind others.
            return new SqliteStore(path, mustExist ? PatienceOfVerbs : Patience);
        }
        catch (Exception exception)
        {
            if (SqliteFault.Explain(exception, path) is { } explained) throw explained;
            throw;
        }
    }

    public override StoreContext CreateDbContext() => contexts.Value.CreateDbContext();

    public override StoreException? Explain(Exception exception) => SqliteFault.Explain(exception, Place);

    public override ValueTask DisposeAsync()
    {
        using var connection = new SqliteConnection(connectionString);
        SqliteConnection.ClearPool(connection);
        return default;
    }

    internal static DbContextOptions<SqliteStoreContext> Options(string connectionString) => new DbContextOptionsBuilder<SqliteStoreContext>()
        .UseSqlite(connectionString)

        // What is read is shown or kept in memory; who changes rows asks for tracking or updates in the database.
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
        .AddInterceptors(SqliteSettings.Instance)

        // A test compares the model with the migrations; here it would be built once more for that.
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning))
        .Options;

    internal override IChangeSource CreateChangeSource() => new SqliteChangeSource(ConnectionString(Place, pooling: false));

    // Deleted octets are overwritten (secure_delete), but stand in the journal until it is emptied. Who reads meanwhile holds that up: then the next emptying does it, which is never far.
    internal override Task ScrubAsync(string table, CancellationToken cancellationToken)
        => Task.Run(() => UseAsync(context => context.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken)), cancellationToken);

    // SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE.
    internal override bool IsDuplicate(DbUpdateException exception) => exception.InnerException is SqliteException { SqliteExtendedErrorCode: 1555 or 2067 };

    // One writes at a time, so ids are in the order of commits; AUTOINCREMENT uses none twice.
    internal override async Task<(IReadOnlyList<Revocation> Rows, long Cursor)> ReadRevocationsAsync(StoreContext context, long cursor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await context.Revocations.Where(row => row.Id > cursor && row.Until > now).OrderBy(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
        return (rows, rows is [.., var last] ? last.Id : cursor);
    }

    private static string ConnectionString(string path, bool pooling, int patience = Patience)
        => new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, ForeignKeys = true, Pooling = pooling, DefaultTimeout = patience }.ToString();

    private static SchemaState Look(string path)
    {
        FilePermissions.RequirePrivate(path, directory: false);
        if (SqliteHeader.Refusal(path) is { } refusal) throw refusal;
        using var connection = new SqliteConnection(ConnectionString(path, pooling: false));
        connection.Open();
        SqliteSettings.Apply(connection);
        var state = SqliteMigration.Look(connection, new FileInfo(path).Length, path);
        return Schema.Refusal(state, path) is { } unfit ? throw unfit : state;
    }

    private static void Make(string path, bool mustExist)
    {
        if (mustExist)
        {
            throw new StoreException(
                $"there is no database at {path}",
                "the gateway makes it when it starts; where its configuration has storage.postgres, name that configuration with --config");
        }

        if (File.Exists(path + "-wal"))
        {
            throw new StoreException($"{path} is gone, but its journal {path}-wal is there", "restore both from a backup; only where nothing is lost by it, delete the journal: a new database is made then");
        }

        var beside = path + ".new";
        foreach (var leftover in (string[])[beside, beside + "-journal", beside + "-wal", beside + "-shm"]) File.Delete(leftover);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FilePermissions.PrivateFile;
            new FileStream(beside, options).Dispose();
            SqliteMigration.Make(ConnectionString(beside, pooling: false));
            DurableFile.Rename(beside, path);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
