using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Sessions of people in browsers.</summary>
public sealed record SessionOptions
{
    [Description("How long a session lasts without a request. Default: 30m")]
    [Between("1m", "1d")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(30);

    [Description("How long a session lasts after sign-in, whatever happens in it. Default: 12h")]
    [Between("5m", "24d")]
    public TimeSpan AbsoluteTimeout { get; init; } = TimeSpan.FromHours(12);

    [Description("Sessions that one person may have at once; a further one ends the oldest. Default: 5")]
    [Between("1", "100")]
    public int PerUser { get; init; } = 5;
}
