namespace Portcullis.Control.Storage;

/// <summary>
/// The versions of the schema. They stand here so that a look at the database tells whether it is current without loading the model, which
/// takes longer than the rest of a start; a test compares them with the migrations of both databases.
/// </summary>
internal static class Schema
{
    /// <summary>Where EF Core keeps the versions that were applied.</summary>
    public const string HistoryTable = "__EFMigrationsHistory";

    /// <summary>What reads them. More than a program could know is more than it needs to judge.</summary>
    public const string HistoryQuery = $"""SELECT "MigrationId" FROM "{HistoryTable}" LIMIT 1000""";

    /// <summary>All versions, oldest first. An id never changes once released.</summary>
    public static IReadOnlyList<string> Versions { get; } = ["20261123000001_Clients", "20261123000002_Identity"];

    /// <summary>Judges by the versions that a database says were applied to it.</summary>
    public static SchemaState Judge(IReadOnlySet<string> applied)
    {
        if (applied.Count == 0) return SchemaState.Empty;
        if (!applied.Contains(Versions[0])) return SchemaState.Foreign;
        if (applied.Any(version => !Versions.Contains(version))) return SchemaState.Newer;
        return applied.Count == Versions.Count ? SchemaState.Current : SchemaState.Older;
    }

    /// <summary>The refusal of what must not be touched; null for what may be used or brought up.</summary>
    /// <param name="state">What was found.</param>
    /// <param name="place">Where, as an operator knows it.</param>
    public static StoreException? Refusal(SchemaState state, string place) => state switch
    {
        SchemaState.Foreign => new StoreException($"{place} is not a database of Portcullis", "name another place by data: or storage: in the configuration; nothing was changed there"),
        SchemaState.Newer => new StoreException($"{place} was written by a newer version of Portcullis", "run that version, or restore a backup from before it; nothing was changed"),
        _ => null,
    };
}
