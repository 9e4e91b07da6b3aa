namespace Portcullis.Gateway.Policies.Waf.Recording;

/// <summary>A field line of a recorded request.</summary>
public sealed record RecordedField(string Name, string Value);
