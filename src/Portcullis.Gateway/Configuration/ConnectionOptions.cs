using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The pool of connections to each destination.</summary>
public sealed record ConnectionOptions
{
    [Description("Most connections to one destination; further requests wait. Default: 512")]
    public int Maximum { get; init; } = 512;

    [Description("Most requests that wait for a connection to one destination; further ones get 503. Default: 1024")]
    public int Queue { get; init; } = 1024;

    [Description("How long connecting, TLS included, may take. Default: 5s")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    [Description("How long an idle connection is kept. Default: 60s")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    [Description("How long a connection is used at most, so that DNS changes are seen. Default: 5m")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);
}
