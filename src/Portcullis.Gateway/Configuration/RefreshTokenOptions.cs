using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The refresh tokens that the gateway issues.</summary>
public sealed record RefreshTokenOptions
{
    [Description("How long a grant can be refreshed after sign-in, however often it is, at most 365d. Default: 30d")]
    [Between("5m", "365d")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(30);
}
