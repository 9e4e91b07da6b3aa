using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>A class of data that routes are marked with.</summary>
public sealed record DataClassOptions
{
    [Description("Whether every access is told to the security events, with who had it and what for. Default: false")]
    public bool Sensitive { get; init; }

    [Description("Whether a route of the class must say what access is for. Default: false")]
    public bool PurposeRequired { get; init; }
}
