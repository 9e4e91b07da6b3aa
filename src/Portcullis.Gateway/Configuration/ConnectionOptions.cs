using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The pool of connections to each destination.</summary>
public sealed record ConnectionOptions
{
    [Description("Most connections to one destination; further requests wait. Default: 512")]
    [Between(1, 65535)]
    public int Maximum { get; init; } = 512;

    [Description("Most requests that wait for a connection to one destination; further ones get 503. Default: 1024")]
    [Between(0, 1000000)]
    public int Queue { get; init; } = 1024;

    [Description("How long connecting, TLS included, may take. Default: 5s")]
    [Between("1ms", "10m")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    [Description("How long an idle connection is kept. Default: 60s")]
    [Between("1s", "24h")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    [Description("How long a connection is used at most, so that DNS changes are seen. Default: 5m")]
    [Between("1s", "24d")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);
}
