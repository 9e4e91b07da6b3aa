namespace Portcullis.Gateway.Configuration;

/// <summary>Marks a number of bytes, written as <c>512B</c>, <c>32KiB</c>, <c>10MiB</c> or <c>1GiB</c>; a plain number is bytes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ByteSizeAttribute : Attribute;
