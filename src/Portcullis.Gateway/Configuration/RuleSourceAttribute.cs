namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Marks a list of rule files: <c>builtin</c>, or names that may have wildcards. Loading makes names absolute: a relative one starts at the configuration
/// file's directory.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RuleSourceAttribute : Attribute;
