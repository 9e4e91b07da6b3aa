using System.ComponentModel;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary>Changes to response header fields, in the order remove, set, add.</summary>
public sealed record ResponseFieldOptions
{
    [Description("Fields to remove.")]
    public IReadOnlyList<string> Remove { get; init; } = [];

    [Description("Fields to set: whatever the upstream sent under the name is replaced.")]
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    [Description("Fields to add a value to, beside what the upstream sent.")]
    public IReadOnlyDictionary<string, string> Add { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
