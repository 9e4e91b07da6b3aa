using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The access tokens that the gateway issues.</summary>
public sealed record AccessTokenOptions
{
    [Description("How long a token is valid, at most 24h. Default: 1h")]
    [Between("10s", "24h")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);

    [Description("RS256 or ES256. Default: RS256")]
    public string Algorithm { get; init; } = "RS256";
}
