using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Sqlite;

/// <summary>Looks at a file's schema and brings it up. Who changes a file holds its lock.</summary>
internal static class SqliteMigration
{
    /// <summary>Files up to this size are read whole to see that they are sound, which takes some 50 ms then; of greater ones the schema is read.</summary>
    private const long CheckedWhole = 32 * 1024 * 1024;

    /// <summary>How the file stands to this program.</summary>
    /// <exception cref="StoreException">It is damaged.</exception>
    public static SchemaState Look(SqliteConnection connection, long size, string path)
    {
        if (size <= CheckedWhole && Scalar(connection, "PRAGMA quick_check(1)") is not "ok")
            throw new StoreException($"{path} is damaged", "restore it from a backup; the gateway does not overwrite it");
        if (Scalar(connection, $"SELECT name FROM sqlite_schema WHERE type = 'table' AND name = '{Schema.HistoryTable}'") is null) return SchemaState.Foreign;

        using var command = connection.CreateCommand();
        command.CommandText = Schema.HistoryQuery;
        using var reader = command.ExecuteReader();
        var applied = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read()) applied.Add(reader.GetString(0));

        // Files come whole, with their first version: without one somebody else was at work.
        return Schema.Judge(applied) is var state && state == SchemaState.Empty ? SchemaState.Foreign : state;
    }

    /// <summary>Makes all tables in an empty file.</summary>
    public static void Make(string connectionString)
    {
        using (var connection = new SqliteConnection(connectionString))
        {
            connection.Open();
            SqliteSettings.Apply(connection);
            Execute(connection, $"PRAGMA application_id = {SqliteHeader.ApplicationId}");
        }

        Migrate(connectionString);

        // The last connection to close writes all into the file and removes the journal.
        using var last = new SqliteConnection(connectionString);
        last.Open();

        // What one version made and a later one replaced leaves no free pages, in which damage would not show.
        Execute(last, "VACUUM");
        if (Scalar(last, "PRAGMA journal_mode = WAL") is not "wal") throw new StoreException($"{last.DataSource} can't be in WAL mode", "use a local file system that has shared memory, not one over a network");
    }

    /// <summary>Applies the versions that the file does not have.</summary>
    public static void BringUp(string connectionString)
    {
        // EF Core locks by a row, which stays where a process was killed and would be waited for without end. The file lock is ours: nobody has it.
        using (var connection = new SqliteConnection(connectionString))
        {
            connection.Open();
            SqliteSettings.Apply(connection);
            Execute(connection, "DROP TABLE IF EXISTS \"__EFMigrationsLock\"");
        }

        Migrate(connectionString);
    }

    private static void Migrate(string connectionString)
    {
        using var context = new SqliteStoreContext(SqliteStore.Options(connectionString));
        context.Database.Migrate();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
