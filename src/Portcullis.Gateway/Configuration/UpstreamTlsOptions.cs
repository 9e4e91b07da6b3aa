using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// TLS towards https destinations. The certificate is always verified unless the frankly named key says otherwise. Files are read with
/// the configuration: a new one counts from the next reload on.
/// </summary>
public sealed record UpstreamTlsOptions
{
    [Description("PEM file of the authorities that destinations' certificates must chain to. Default: the system's")]
    [FilePath]
    public string? Ca { get; init; }

    [Description("PEM file of the client certificate shown to destinations; read at each reload, as are the other files here.")]
    [FilePath]
    public string? Certificate { get; init; }

    [Description("PEM file of the client certificate's private key.")]
    [FilePath]
    public string? PrivateKey { get; init; }

    [Description("Name sent by SNI and expected in the certificate. Default: the host of the destination's URL")]
    public string? ServerName { get; init; }

    [Description("Accepts any certificate, also an attacker's. For tests only; warned about at every start. Default: false")]
    public bool DangerouslyAcceptAnyCertificate { get; init; }
}
