using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage.Entities;

namespace Portcullis.Control.Storage.Postgres;

/// <summary>The tables in PostgreSQL.</summary>
internal sealed class PostgresStoreContext(DbContextOptions<PostgresStoreContext> options) : StoreContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // 64 bits, with its epoch: never used twice (xid8, PostgreSQL 13).
        modelBuilder.Entity<Revocation>().Property(revocation => revocation.Position).HasDefaultValueSql("pg_current_xact_id()::text::bigint");
    }
}
