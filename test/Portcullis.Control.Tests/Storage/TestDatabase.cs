using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Tests.Storage;

/// <summary>An empty place for a database, with a data directory, that goes with the test.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly List<Store> opened = [];
    private readonly string? postgres;

    private TestDatabase(string? postgres)
    {
        this.postgres = postgres;
        Data = DataDirectory.Open(directory.At("data"));
        Options = new StorageOptions { Postgres = postgres is null ? null : Secret.FromText(postgres) };
    }

    public DataDirectory Data { get; }

    public StorageOptions Options { get; }

    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind)
        => new(kind == DatabaseKind.Sqlite ? null : await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());

    /// <summary>Opens one more store, as one more node.</summary>
    public async Task<Store> OpenAsync()
    {
        var store = await Store.OpenAsync(Data, Options);
        lock (opened) opened.Add(store);
        return store;
    }

    /// <summary>Runs SQL past the store. Makes the file of SQLite where it is not there.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using DbConnection connection = postgres is null ? new SqliteConnection($"Data Source={Data.Database};Pooling=False") : new NpgsqlConnection(postgres + ";Pooling=False");
        await connection.OpenAsync();
        if (postgres is null) TemporaryDirectory.SetMode(Data.Database, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Runs SQL on PostgreSQL's own database.</summary>
    public async Task SqlElsewhereAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Database = "postgres", Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in opened) await store.DisposeAsync();
        directory.Dispose();
    }
}
