using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;
using Portcullis.Control.Storage.Entities;
using Portcullis.Control.Storage.Feed;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Storage.Postgres;

/// <summary>The database on a PostgreSQL server, in the schema that the search path names first.</summary>
internal sealed class PostgresStore : Store
{
    private readonly NpgsqlDataSource source;
    private readonly Lazy<PooledDbContextFactory<PostgresStoreContext>> contexts;

    private PostgresStore(NpgsqlDataSource source, string place)
        : base(place)
    {
        this.source = source;

        // The model is loaded by the first use, which need not be part of a start.
        contexts = new(() => new PooledDbContextFactory<PostgresStoreContext>(Options(source), poolSize: 128));
    }

    /// <summary>Connects, looks whether the database is ours and current, and brings it up.</summary>
    public static async Task<PostgresStore> OpenAsync(Secret connectionString, CancellationToken cancellationToken)
    {
        var (text, place) = PostgresAddress.Read(connectionString);
        var source = NpgsqlDataSource.Create(text);
        try
        {
            await PostgresMigration.BringUpAsync(source, place, cancellationToken).ConfigureAwait(false);
            return new PostgresStore(source, place);
        }
        catch (Exception exception)
        {
            await source.DisposeAsync().ConfigureAwait(false);
            if (PostgresFault.Explain(exception, place) is { } explained) throw explained;
            throw;
        }
    }

    public override StoreContext CreateDbContext() => contexts.Value.CreateDbContext();

    public override StoreException? Explain(Exception exception) => PostgresFault.Explain(exception, Place);

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    internal static DbContextOptions<PostgresStoreContext> Options(NpgsqlDataSource source) => new DbContextOptionsBuilder<PostgresStoreContext>()
        .UseNpgsql(source)

        // What is read is shown or kept in memory; who changes rows asks for tracking or updates in the database.
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)

        // A test compares the model with the migrations; here it would be built once more for that.
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning))
        .Options;

    internal override IChangeSource CreateChangeSource() => new PostgresChangeSource(source);

    // Dead rows go; copies in the write-ahead log and in backups stay until those go, as docs/people.md says.
    internal override async Task ScrubAsync(string table, CancellationToken cancellationToken)
    {
        var command = source.CreateCommand($"VACUUM \"{table}\"");
        await using var disposal = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    internal override bool IsDuplicate(DbUpdateException exception) => exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    /// <remarks>
    /// Transactions get their numbers when they first write and commit in any order, so the highest number seen says nothing. The horizon does: it is the lowest
    /// number that is still at work, or the next one. Below it all is decided and was readable; from it on the next reading looks again, and may see a row
    /// twice. A transaction that stays open, whosever it is, holds the horizon back, which costs time and no row.
    /// </remarks>
    internal override async Task<(IReadOnlyList<Revocation> Rows, long Cursor)> ReadRevocationsAsync(StoreContext context, long cursor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Before the rows: what is not among them was not committed at the time of the horizon, either.
        var horizon = await context.Database.SqlQueryRaw<long>("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS \"Value\"").SingleAsync(cancellationToken).ConfigureAwait(false);

        // A server that was restored into another cluster counts anew.
        var from = cursor > horizon ? 0 : cursor;
        return (await context.Revocations.Where(row => row.Position >= from && row.Until > now).ToListAsync(cancellationToken).ConfigureAwait(false), horizon);
    }
}
