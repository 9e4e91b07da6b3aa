using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Answers with a redirect to the same host, path and query under another scheme or port.</summary>
public sealed record RedirectOptions
{
    [Description("http or https. Default: https")]
    public string Scheme { get; init; } = "https";

    [Description("Port of the new address. Default: the scheme's")]
    [Between(1, 65535)]
    public int? Port { get; init; }

    [Description("301, 302, 307 or 308. Default: 308, which keeps the method")]
    public int Status { get; init; } = 308;
}
