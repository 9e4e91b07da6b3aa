using System.ComponentModel;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary>Changes to request header fields, in the order remove, set, add.</summary>
public sealed record RequestFieldOptions
{
    [Description("Fields to remove.")]
    public IReadOnlyList<string> Remove { get; init; } = [];

    [Description("Fields to set: whatever the client sent under the name is replaced.")]
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    [Description("Fields to set whose values are secret, such as Authorization: they stay out of logs and exports.")]
    public IReadOnlyDictionary<string, Secret> SetSecret { get; init; } = new Dictionary<string, Secret>(StringComparer.Ordinal);

    [Description("Fields to add a value to, beside what the client sent.")]
    public IReadOnlyDictionary<string, string> Add { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
