using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The admin listener: its own host, never reachable through the data listeners.</summary>
public sealed record AdminOptions
{
    [Description("Whether there is an admin listener. Default: true")]
    public bool Enabled { get; init; } = true;

    [Description("IP address and port. Default: 127.0.0.1:9443")]
    public ListenAddress Address { get; init; } = ListenAddress.Parse("127.0.0.1:9443", null);

    [Description("Networks that may connect; everybody else is refused at accept. Default: loopback only")]
    public IReadOnlyList<Cidr> Allow { get; init; } = [Cidr.Parse("127.0.0.0/8", null), Cidr.Parse("::1/128", null)];

    [Description("Certificate of the admin listener. Default: a development certificate made at first run")]
    public TlsOptions Tls { get; init; } = new();
}
