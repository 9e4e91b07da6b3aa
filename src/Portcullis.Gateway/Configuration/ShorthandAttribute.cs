namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Marks the property that a plain value stands for: where the record is expected and the file has a scalar or a list,
/// that value goes into this property and the others keep their defaults.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ShorthandAttribute : Attribute;
