using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;

namespace Portcullis.Gateway.Tests.Connections.Tls;

/// <summary>For tests of what a listener does with certificates in files: a directory for them, and an authority that issues them.</summary>
public abstract class CertificateFileTests : IDisposable
{
    private protected TestCertificates Files { get; } = new();

    protected X509Certificate2 Authority { get; } = TestCertificates.Authority("Test CA");

    public void Dispose()
    {
        Files.Dispose();
        Authority.Dispose();
        GC.SuppressFinalize(this);
    }

    protected X509Certificate2 Issue(string name, params string[] hosts) => TestCertificates.Issue(Authority, name, dnsNames: hosts);

    protected X509Certificate2 IssueAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var issued = request.Create(Authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20), [1, 2, 3]);
        return issued.CopyWithPrivateKey(key);
    }

    protected TlsOptions Options(string name) => new() { Certificate = Files.File($"{name}.pem"), PrivateKey = Files.File($"{name}-key.pem") };

    protected static async Task<string> SubjectAsync(Listener listener, string host)
    {
        await using var client = await RawConnection.OpenTlsAsync(listener.EndPoint, RawConnection.TlsOptions(host));
        return ((SslStream)client.Stream).RemoteCertificate!.Subject;
    }

    protected static async Task<bool> GetAsync(Listener listener, SslClientAuthenticationOptions options)
    {
        try
        {
            await using var client = await RawConnection.OpenTlsAsync(listener.EndPoint, options);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            return (await client.ReadResponseAsync()).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return false;
        }
    }
}
