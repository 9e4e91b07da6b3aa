namespace Portcullis.Gateway.Configuration;

/// <summary>Marks a number of bytes per second, written as <c>240B/s</c> or <c>1KiB/s</c>; a plain number is bytes per second.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ByteRateAttribute : Attribute;
