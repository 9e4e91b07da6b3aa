using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Identity.Certificates;

namespace Portcullis.Gateway.Connections;

/// <summary>What there is to know of a connection beside <see cref="ClientConnection"/>: addresses, and TLS where it is used.</summary>
internal sealed class ConnectionFeatures(EndPoint? local, IPEndPoint remote, SecureChannel? tls)
    : IHttpConnectionFeature, ITlsConnectionFeature
{
    public bool IsTls => tls is not null;

    public EndPoint? Local => local;

    public IPEndPoint Remote => remote;

    public string ConnectionId
    {
        get => string.Empty;
        set => throw new NotSupportedException();
    }

    public IPAddress? RemoteIpAddress
    {
        get => remote.Address;
        set => throw new NotSupportedException();
    }

    public int RemotePort
    {
        get => remote.Port;
        set => throw new NotSupportedException();
    }

    public IPAddress? LocalIpAddress
    {
        get => (local as IPEndPoint)?.Address;
        set => throw new NotSupportedException();
    }

    public int LocalPort
    {
        get => (local as IPEndPoint)?.Port ?? 0;
        set => throw new NotSupportedException();
    }

    public X509Certificate2? ClientCertificate
    {
        get => field ??= tls!.ClientCertificate;
        set;
    }

    /// <summary>The client's certificate with its names, read once; null where it showed none.</summary>
    public ShownCertificate? Certificate => ClientCertificate is { } certificate ? field ??= new ShownCertificate(certificate) : null;

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
}
