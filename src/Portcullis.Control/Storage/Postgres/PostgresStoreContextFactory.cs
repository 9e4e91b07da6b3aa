using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace Portcullis.Control.Storage.Postgres;

/// <summary>For <c>dotnet ef</c>, which writes migrations and the compiled model; nothing is connected to for that.</summary>
internal sealed class PostgresStoreContextFactory : IDesignTimeDbContextFactory<PostgresStoreContext>
{
    public PostgresStoreContext CreateDbContext(string[] args) => new(PostgresStore.Options(NpgsqlDataSource.Create("Host=localhost")));
}
