using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Portcullis.Gateway.Connections;

/// <summary>What there is to know of a connection beside <see cref="ClientConnection"/>: addresses, and TLS where it is used.</summary>
internal sealed class ConnectionFeatures(EndPoint? local, IPEndPoint remote, SslStream? tls)
    : IHttpConnectionFeature, ITlsConnectionFeature, ITlsHandshakeFeature, ITlsApplicationProtocolFeature
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
        get => field ??= tls!.RemoteCertificate switch
        {
            null => null,
            X509Certificate2 whole => whole,
            var part => new X509Certificate2(part),
        };
        set;
    }

    public SslProtocols Protocol => tls!.SslProtocol;

    public string HostName => tls!.TargetHostName;

    public TlsCipherSuite? NegotiatedCipherSuite => tls!.NegotiatedCipherSuite;

    public ReadOnlyMemory<byte> ApplicationProtocol => tls!.NegotiatedApplicationProtocol.Protocol;

#pragma warning disable CS0618, SYSLIB0058 // Part of the interface; the suite above says all.
    public CipherAlgorithmType CipherAlgorithm => tls!.CipherAlgorithm;

    public int CipherStrength => tls!.CipherStrength;

    public HashAlgorithmType HashAlgorithm => tls!.HashAlgorithm;

    public int HashStrength => tls!.HashStrength;

    public ExchangeAlgorithmType KeyExchangeAlgorithm => tls!.KeyExchangeAlgorithm;

    public int KeyExchangeStrength => tls!.KeyExchangeStrength;
#pragma warning restore CS0618, SYSLIB0058

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
}
