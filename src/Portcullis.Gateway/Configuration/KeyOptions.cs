using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The key ring: how its keys are kept on disk and how often they are replaced.</summary>
public sealed record KeyOptions
{
    [Description("What protects the wrapping key, under which all other keys are sealed; one of the four. Default: it lies in the data directory in clear, for its owner alone")]
    public WrappingKeyOptions WrappingKey { get; init; } = new();

    [Description("How long the keys of each purpose are used before a new one takes over.")]
    public KeyRotationOptions Rotation { get; init; } = new();
}
