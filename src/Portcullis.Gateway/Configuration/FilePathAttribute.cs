namespace Portcullis.Gateway.Configuration;

/// <summary>Marks the name of a file or directory. Loading makes it absolute: a relative one starts at the configuration file's directory.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FilePathAttribute : Attribute;
