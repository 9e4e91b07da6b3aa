using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// The certificate of <c>tls: {}</c>: self-signed, ECDSA P-256, for this machine only (<c>localhost</c>, <c>*.localhost</c>,
/// <c>127.0.0.1</c>, <c>::1</c>), valid 397 days. Kept as two PEM files so that a client can be told to trust it.
/// </summary>
public static class DevelopmentCertificate
{
    /// <summary>The certificate's file in the directory.</summary>
    public const string CertificateFile = "development.pem";

    /// <summary>The key's file in the directory, mode 0600.</summary>
    public const string KeyFile = "development-key.pem";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(397);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(7);

    /// <summary>The certificate in the directory, or a new one when there is none, it is damaged, or it ends within a week.</summary>
    /// <exception cref="IOException">The files can't be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The files can't be read or written.</exception>
    public static X509Certificate2 LoadOrCreate(string directory, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var certificatePath = Path.Combine(directory, CertificateFile);
        var keyPath = Path.Combine(directory, KeyFile);
        var now = time.GetUtcNow();
        if (TryLoad(certificatePath, keyPath, now) is { } kept) return kept;

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = Request(key).CreateSelfSigned(now.AddHours(-1), now.AddHours(-1) + Lifetime);
        Directory.CreateDirectory(directory);

        // The key first: a certificate without its key would be found wanting, and made again.
        WriteFile(keyPath, key.ExportPkcs8PrivateKeyPem(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        WriteFile(certificatePath, made.ExportCertificatePem(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return X509Certificate2.CreateFromPem(made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static CertificateRequest Request(ECDsa key)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("*.localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);

        var request = new CertificateRequest("CN=localhost, O=Portcullis development", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static X509Certificate2? TryLoad(string certificatePath, string keyPath, DateTimeOffset now)
    {
        if (!File.Exists(certificatePath) || !File.Exists(keyPath)) return null;
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            if (new DateTimeOffset(certificate.NotAfter) - now > RenewBefore && new DateTimeOffset(certificate.NotBefore) <= now) return certificate;
            certificate.Dispose();
            return null;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    // Written beside and renamed over, so no reader sees half a file, and created with its mode, so nobody sees the key in between.
    private static void WriteFile(string path, string content, UnixFileMode mode)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = mode;
        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write(content);
            writer.Write('\n');
        }

        File.Move(temporary, path, overwrite: true);
    }
}
