using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>A condition on one header field or query parameter. Without exact, prefix, regex and present: the field must be there.</summary>
public sealed record FieldConditionOptions
{
    [Description("Name of the header field (any case) or query parameter (exact case).")]
    public required string Name { get; init; }

    [Description("The whole value.")]
    public string? Exact { get; init; }

    [Description("What the value starts with.")]
    public string? Prefix { get; init; }

    [Description("Regular expression that the whole value matches; without look-around and back-references.")]
    public string? Regex { get; init; }

    [Description("true: must be there; false: must be absent.")]
    public bool? Present { get; init; }
}
