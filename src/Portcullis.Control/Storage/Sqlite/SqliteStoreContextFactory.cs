using Microsoft.EntityFrameworkCore.Design;

namespace Portcullis.Control.Storage.Sqlite;

/// <summary>For <c>dotnet ef</c>, which writes migrations and the compiled model; no file is opened for that.</summary>
internal sealed class SqliteStoreContextFactory : IDesignTimeDbContextFactory<SqliteStoreContext>
{
    public SqliteStoreContext CreateDbContext(string[] args) => new(SqliteStore.Options("Data Source=:memory:"));
}
