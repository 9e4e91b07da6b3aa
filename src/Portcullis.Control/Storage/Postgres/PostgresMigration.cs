using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Portcullis.Control.Storage.Postgres;

/// <summary>Looks at a database's schema and brings it up, one node at a time.</summary>
internal static class PostgresMigration
{
    /// <summary>Key of the advisory lock, the same in all versions: <c>PRTCULLS</c>.</summary>
    private const long LockKey = 0x505254_43554C4C53;

    /// <summary>Oldest server whose makers still mended it when this was written.</summary>
    private const int OldestMajor = 13;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task BringUpAsync(NpgsqlDataSource source, string place, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = connection.ConfigureAwait(false);
        if (connection.PostgreSqlVersion.Major < OldestMajor)
            throw new StoreException($"{place} is of version {connection.PostgreSqlVersion.Major}", $"use PostgreSQL {OldestMajor} or later");
        if (await LookAsync(connection, place, cancellationToken).ConfigureAwait(false) == SchemaState.Current) return;

        // The lock is the session's: it ends with the connection, also where this process is killed.
        await ExecuteAsync(connection, $"SET lock_timeout = {(int)Patience.TotalMilliseconds}", cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", cancellationToken).ConfigureAwait(false);
        try
        {
            if (await LookAsync(connection, place, cancellationToken).ConfigureAwait(false) == SchemaState.Current) return;
            var context = new PostgresStoreContext(PostgresStore.Options(source));
            await using var contextDisposal = context.ConfigureAwait(false);
            await context.Database.MigrateAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockKey}); RESET lock_timeout", CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task<SchemaState> LookAsync(NpgsqlConnection connection, string place, CancellationToken cancellationToken)
    {
        var state = await JudgeAsync(connection, cancellationToken).ConfigureAwait(false);
        return Schema.Refusal(state, place) is { } refusal ? throw refusal : state;
    }

    private static async Task<SchemaState> JudgeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Tables of somebody else's in the schema: theirs and ours could meet under one name.
        var tables = await ScalarAsync(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()", cancellationToken).ConfigureAwait(false);
        if (tables is 0L) return SchemaState.Empty;
        if (await ScalarAsync(connection, $"SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = '{Schema.HistoryTable}'", cancellationToken).ConfigureAwait(false) is null)
            return SchemaState.Foreign;

        var applied = new HashSet<string>(StringComparer.Ordinal);
        var command = new NpgsqlCommand(Schema.HistoryQuery, connection);
        await using var commandDisposal = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerDisposal = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) applied.Add(reader.GetString(0));

        // An empty history among other tables is not ours; alone it is what a node left that was stopped between its first steps.
        return Schema.Judge(applied) is var state && state == SchemaState.Empty && tables is > 1L ? SchemaState.Foreign : state;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using var disposal = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)Patience.TotalSeconds + 5 };
        await using var disposal = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
