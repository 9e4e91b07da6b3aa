using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Storage;

/// <summary>
/// The values of one sealed column, as <see cref="Resealer"/> walks them after a rotation: in the order of the row's key, those alone that do not begin with the active key's id.
/// Safe from any thread.
/// </summary>
internal sealed class SealedColumnStore : ISealedStore
{
    private readonly Store store;
    private readonly SealedColumn column;
    private readonly string key;
    private readonly bool isGuid;

    /// <param name="store">The database.</param>
    /// <param name="column">The column. Its table's key is one id or one text.</param>
    public SealedColumnStore(Store store, SealedColumn column)
    {
        this.store = store;
        this.column = column;
        using var context = store.CreateDbContext();
        var entity = context.Model.GetEntityTypes().Single(entity => entity.GetTableName() == column.Table);
        var property = entity.FindPrimaryKey()?.Properties is [var only] ? only : throw new InvalidOperationException($"{column.Table} has no key of one column.");
        isGuid = property.ClrType == typeof(Guid);
        if (!isGuid && property.ClrType != typeof(string)) throw new InvalidOperationException($"The key of {column.Table} is neither an id nor text.");
        key = property.GetColumnName();
    }

    /// <inheritdoc/>
    public string Name => $"{column.Table}.{column.Column}";

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SealedValue>> ReadStaleAsync(ReadOnlyMemory<byte> prefix, string? after, int count, CancellationToken cancellationToken)
        => await store.InPoolAsync(async context =>
        {
            // Names are the model's own, values are parameters. Octets compare as octets on both databases, and a row's key in the order of its index.
            var command = await CommandAsync(
                context,
                $"SELECT \"{key}\", \"{column.Column}\" FROM \"{column.Table}\" WHERE \"{column.Column}\" IS NOT NULL AND substr(\"{column.Column}\", 1, {prefix.Length}) <> @prefix"
                    + (after is null ? string.Empty : $" AND \"{key}\" > @after")
                    + $" ORDER BY \"{key}\" LIMIT {count.ToString(CultureInfo.InvariantCulture)}",
                cancellationToken).ConfigureAwait(false);
            await using var disposal = command.ConfigureAwait(false);
            Add(command, "prefix", prefix.ToArray());
            if (after is not null) Add(command, "after", KeyOf(after));
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var closing = reader.ConfigureAwait(false);
            var values = new List<SealedValue>();
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var row = isGuid ? SealedColumn.Row(reader.GetGuid(0)) : reader.GetString(0);
                values.Add(new SealedValue(row, column.Context(row), reader.GetFieldValue<byte[]>(1)));
            }

            return values;
        }).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> TryReplaceAsync(SealedValue value, ReadOnlyMemory<byte> resealed, CancellationToken cancellationToken)
        => await store.InPoolAsync(async context =>
        {
            var command = await CommandAsync(
                context,
                $"UPDATE \"{column.Table}\" SET \"{column.Column}\" = @resealed WHERE \"{key}\" = @key AND \"{column.Column}\" = @former",
                cancellationToken).ConfigureAwait(false);
            await using var disposal = command.ConfigureAwait(false);
            Add(command, "resealed", resealed.ToArray());
            Add(command, "key", KeyOf(value.Position));
            Add(command, "former", value.Envelope.ToArray());
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) > 0;
        }).ConfigureAwait(false);

    private static async Task<DbCommand> CommandAsync(StoreContext context, string sql, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    private object KeyOf(string position) => isGuid ? Guid.ParseExact(position, "D") : position;
}
