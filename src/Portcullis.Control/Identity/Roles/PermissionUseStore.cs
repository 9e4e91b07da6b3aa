using System.Text;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.Roles;

/// <summary>
/// Uses of permissions in the database: one row for each caller, permission and day. Beside them stand the first day that was recorded and the days of which uses were
/// lost. What is older than <see cref="Kept"/> is deleted. Safe from any thread.
/// </summary>
/// <param name="store">The database.</param>
/// <param name="clock">Tells what is old.</param>
public sealed class PermissionUseStore(Store store, TimeProvider clock) : IPermissionUseStore
{
    /// <summary>How long uses are kept: a year's review with some delay.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    private const string SinceKind = "since";
    private const string GapKind = "gap";

    // Five parameters for each row, of which SQLite has had at least 999 in one statement.
    private const int RowsOfStatement = 150;

    private static readonly string[] Marks = [SinceKind, GapKind];

    private DateOnly pruned;

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be written.</exception>
    public async Task RecordAsync(IReadOnlyList<PermissionUse> uses, CancellationToken cancellationToken)
    {
        // A subject that is longer than any of ours came with somebody else's token: nobody here holds what it uses.
        var rows = uses.Where(use => use.Caller is { Length: > 0 and <= Holder.Longest }).Select(use => new Row(use.Day, new Holder(use.Caller).Kind, use.Caller, use.Permission)).ToList();
        if (rows.Count == 0) return;
        await Task.Run(() => WriteAsync(rows, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database can't be written.</exception>
    public Task RecordGapAsync(DateOnly day, CancellationToken cancellationToken)
        => Task.Run(() => WriteAsync([new Row(day, GapKind, string.Empty, string.Empty)], cancellationToken), cancellationToken);

    /// <summary>What is known of the uses from a day on; of each caller and permission the last day. Where nothing was ever recorded, knowledge begins today.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public Task<PermissionEvidence> ReadAsync(DateOnly from, CancellationToken cancellationToken = default) => store.UseAsync(async context =>
    {
        var uses = await context.PermissionUses
            .Where(row => row.Day >= from && !Marks.Contains(row.CallerKind))
            .GroupBy(row => new { row.CallerId, row.Permission })
            .Select(own => new { own.Key.CallerId, own.Key.Permission, Day = own.Max(row => row.Day) })
            .ToListAsync(cancellationToken)
            .ConfigureAwait(false);
        var marks = await context.PermissionUses.Where(row => Marks.Contains(row.CallerKind)).Select(row => new { row.CallerKind, row.Day }).ToListAsync(cancellationToken).ConfigureAwait(false);
        var since = marks.Where(mark => mark.CallerKind == SinceKind).Select(mark => mark.Day).DefaultIfEmpty(Today()).Min();
        return new PermissionEvidence(
            [.. uses.Select(use => new PermissionUse(use.CallerId, use.Permission, use.Day))],
            since,
            [.. marks.Where(mark => mark.CallerKind == GapKind).Select(mark => mark.Day).Order()]);
    });

    /// <summary>The last day on which each caller used anything, as far as it is kept.</summary>
    /// <exception cref="StoreException">The database can't be read.</exception>
    public async Task<IReadOnlyDictionary<string, DateOnly>> LastDaysAsync(CancellationToken cancellationToken = default)
    {
        var days = await store.UseAsync(context => context.PermissionUses
            .Where(row => !Marks.Contains(row.CallerKind))
            .GroupBy(row => row.CallerId)
            .Select(own => new { own.Key, Day = own.Max(row => row.Day) })
            .ToListAsync(cancellationToken)).ConfigureAwait(false);
        return days.ToDictionary(own => own.Key, own => own.Day, StringComparer.Ordinal);
    }

    // A row that is there already, by whichever node, stays as it is.
    private Task<bool> WriteAsync(IReadOnlyList<Row> rows, CancellationToken cancellationToken) => store.UseAsync(async context =>
    {
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = transaction.ConfigureAwait(false);
        if (!await context.PermissionUses.AnyAsync(row => row.CallerKind == SinceKind, cancellationToken).ConfigureAwait(false)) rows = [new Row(Today(), SinceKind, string.Empty, string.Empty), .. rows];
        foreach (var batch in rows.Chunk(RowsOfStatement))
        {
            var (statement, values) = Statement(batch);
            await context.Database.ExecuteSqlRawAsync(statement, values, cancellationToken).ConfigureAwait(false);
        }

        if (pruned != Today())
        {
            var oldest = DateOnly.FromDateTime((clock.GetUtcNow() - Kept).UtcDateTime);
            await context.PermissionUses.Where(row => row.Day < oldest && row.CallerKind != SinceKind).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        pruned = Today();
        return true;
    });

    private static (string Statement, object[] Values) Statement(Row[] rows)
    {
        var text = new StringBuilder("INSERT INTO permission_uses (day, caller_kind, caller_id, permission, count) VALUES ");
        var values = new List<object>(rows.Length * 4);
        foreach (var row in rows)
        {
            var at = values.Count;
            text.Append(at == 0 ? string.Empty : ", ").Append('(').Append('{').Append(at).Append("}, {").Append(at + 1).Append("}, {").Append(at + 2).Append("}, {").Append(at + 3).Append("}, 1)");
            values.AddRange([row.Day, row.Kind, row.Caller, row.Permission]);
        }

        return (text.Append(" ON CONFLICT DO NOTHING").ToString(), [.. values]);
    }

    private DateOnly Today() => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    private readonly record struct Row(DateOnly Day, string Kind, string Caller, string Permission);
}
