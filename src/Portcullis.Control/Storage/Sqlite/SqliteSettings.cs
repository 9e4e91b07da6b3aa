using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portcullis.Control.Storage.Sqlite;

/// <summary>What each connection is told when it opens; the settings are not the file's but the connection's.</summary>
internal sealed class SqliteSettings : DbConnectionInterceptor
{
    // busy_timeout: a second writer waits for the first (milliseconds).
    // synchronous FULL: what is committed survives a power failure in WAL mode, too; revocations must.
    // secure_delete: what is deleted is overwritten, so that an erasure leaves nothing in free pages.
    // trusted_schema, cell_size_check: a crafted file runs no functions from its schema and overruns no page (sqlite.org/security.html).
    // temp_store MEMORY: sorting leaves no copies of rows in a directory for temporary files.
    private const string Statements =
        "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;";

    public static SqliteSettings Instance { get; } = new();

    public static void Apply(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Statements;
        command.ExecuteNonQuery();
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        // The driver has no asynchronous work.
        Apply(connection);
        return Task.CompletedTask;
    }
}
