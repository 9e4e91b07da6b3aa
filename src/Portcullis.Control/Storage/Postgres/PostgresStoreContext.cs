using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Postgres;

/// <summary>The tables in PostgreSQL.</summary>
internal sealed class PostgresStoreContext(DbContextOptions<PostgresStoreContext> options) : StoreContext(options);
