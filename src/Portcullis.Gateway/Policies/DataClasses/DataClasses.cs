using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.DataClasses;

/// <summary>The classes that routes may be marked with: four that are always there, which a configuration may define anew, and its own.</summary>
internal static class DataClasses
{
    private static readonly DataClassOptions Plain = new();
    private static readonly DataClassOptions Sensitive = new() { Sensitive = true };

    private static readonly Dictionary<string, DataClassOptions> BuiltIn = new(StringComparer.Ordinal)
    {
        ["public"] = Plain,
        ["internal"] = Plain,
        ["confidential"] = Plain,
        ["restricted"] = Sensitive,
    };

    /// <summary>The class of that name; null where there is none.</summary>
    public static DataClassOptions? Find(GatewayOptions options, string name) => options.DataClasses.GetValueOrDefault(name) ?? BuiltIn.GetValueOrDefault(name);

    /// <summary>The names of all.</summary>
    public static IReadOnlyCollection<string> Names(GatewayOptions options) => [.. options.DataClasses.Keys.Union(BuiltIn.Keys, StringComparer.Ordinal)];
}
