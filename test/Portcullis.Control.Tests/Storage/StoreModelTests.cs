using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Postgres;
using Portcullis.Control.Storage.Sqlite;

namespace Portcullis.Control.Tests.Storage;

/// <summary>Rules that every table keeps, those of later too.</summary>
public sealed class StoreModelTests
{
    private static readonly StoreContext[] Contexts = [new SqliteStoreContextFactory().CreateDbContext([]), new PostgresStoreContextFactory().CreateDbContext([])];

    [Fact]
    public void The_migrations_make_what_the_model_says()
        => Assert.All(Contexts, context => Assert.False(context.Database.HasPendingModelChanges(), $"{context.GetType().Name}: eng/migrations/add writes a migration"));

    [Fact]
    public void The_compiled_models_are_those_of_the_classes()
        => Assert.All(Contexts, context => Assert.Equal(
            context.GetService<IDesignTimeModel>().Model.ToDebugString(MetadataDebugStringOptions.ShortDefault),
            context.Model.ToDebugString(MetadataDebugStringOptions.ShortDefault)));

    [Fact]
    public void Both_databases_have_the_same_tables_columns_keys_and_indexes() => Assert.Equal(Describe(Contexts[0]), Describe(Contexts[1]));

    [Fact]
    public void Every_text_and_every_run_of_octets_has_a_greatest_length()
        => Assert.All(Properties(), property => Assert.True(
            (property.GetProviderClrType() ?? property.ClrType) is var type && ((type != typeof(string) && type != typeof(byte[])) || property.GetMaxLength() is > 0),
            $"{property.DeclaringType.ClrType.Name}.{property.Name} has no MaxLength"));

    [Fact]
    public void Every_sealed_column_is_declared_with_the_names_it_has_in_the_database()
    {
        var columns = Properties().Where(property => property.ClrType == typeof(Sealed)).Select(property => (property.DeclaringType.GetTableName()!, property.GetColumnName())).Order().ToList();
        var declared = Contexts[0].Model.GetEntityTypes()
            .SelectMany(entity => entity.ClrType.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => field.GetValue(null) switch { SealedColumn column => (column.Table, column.Column), PersonalColumn column => (column.Table, column.Column), _ => default })
            .Where(column => column != default)
            .Order().ToList();

        Assert.True(columns.Count >= 9, "no sealed columns were found");
        Assert.Equal(columns, declared);
    }

    [Fact]
    public void Every_time_is_a_number_of_ticks()
        => Assert.All(Properties().Where(property => (Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType) == typeof(DateTimeOffset)), property => Assert.Equal(typeof(long), property.GetValueConverter()?.ProviderClrType ?? property.GetProviderClrType()));

    private static IEnumerable<IProperty> Properties() => Contexts[0].GetService<IDesignTimeModel>().Model.GetEntityTypes().SelectMany(entity => entity.GetProperties());

    private static List<string> Describe(StoreContext context)
    {
        var lines = new List<string>();
        foreach (var entity in context.GetService<IDesignTimeModel>().Model.GetEntityTypes())
        {
            var table = entity.GetTableName();
            lines.AddRange(entity.GetProperties().Select(property => $"{table}.{property.GetColumnName()} {property.ClrType} {property.IsNullable} {property.GetMaxLength()}"));
            lines.AddRange(entity.GetKeys().Select(key => $"{table} key {string.Join(',', key.Properties.Select(property => property.GetColumnName()))}"));
            lines.AddRange(entity.GetIndexes().Select(index => $"{table} index {string.Join(',', index.Properties.Select(property => property.GetColumnName()))} {index.IsUnique}"));
            lines.AddRange(entity.GetForeignKeys().Select(key => $"{table} to {key.PrincipalEntityType.GetTableName()} {key.DeleteBehavior}"));
            lines.AddRange(entity.GetCheckConstraints().Select(check => $"{table} check {check.Sql}"));
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }
}
