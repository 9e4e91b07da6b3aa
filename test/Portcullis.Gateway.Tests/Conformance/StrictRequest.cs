namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>One request that reached a <see cref="StrictOrigin"/> whole, with everything in it that a strict reader would refuse.</summary>
internal sealed record StrictRequest(string Method, string Target, IReadOnlyList<(string Name, string Value)> Fields)
{
    public string Body { get; init; } = string.Empty;

    public IReadOnlyList<(string Name, string Value)> Trailers { get; init; } = [];

    public string? this[string name] => Fields.FirstOrDefault(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Target, content after a colon where there is some, and each trailer field after a plus sign.</summary>
    public override string ToString() => (Body.Length == 0 ? Target : $"{Target}:{Body}") + string.Concat(Trailers.Select(field => $"+{field.Name}={field.Value}"));
}
