using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>Turns certificate files into certificates, with errors for the person who has to mend them.</summary>
internal static class CertificateParser
{
    /// <summary>A certificate with its key, from PEM files or a .pfx file.</summary>
    public static ServerCertificate? Parse(CertificateOptions options, CertificateFiles files, List<string> problems)
    {
        if (!files.TryGet(options.Certificate, out var content, out var problem))
        {
            problems.Add($"certificate {problem}");
            return null;
        }

        var password = string.Empty;
        if (options.PasswordFile is { } passwordFile)
        {
            if (!files.TryGet(passwordFile, out var secret, out problem))
            {
                problems.Add($"password file {problem}");
                return null;
            }

            password = Encoding.UTF8.GetString(secret).TrimEnd('\r', '\n');
        }

        var text = Encoding.Latin1.GetString(content);
        return text.Contains("-----BEGIN", StringComparison.Ordinal)
            ? ParsePem(options, text, password, files, problems)
            : ParsePfx(options, content, password, problems);
    }

    /// <summary>The authorities of client certificates.</summary>
    public static X509Certificate2Collection? ParseAuthorities(string path, CertificateFiles files, List<string> problems)
    {
        if (!files.TryGet(path, out var content, out var problem))
        {
            problems.Add($"client CA {problem}");
            return null;
        }

        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(Encoding.Latin1.GetString(content));
            if (authorities.Any(IsSelfIssued)) return authorities;
            problems.Add(authorities.Count == 0
                ? $"{path} has no certificate (no -----BEGIN CERTIFICATE-----)"
                : $"{path} has no root certificate, so no client certificate could be verified: add the root of the authorities in it");
        }
        catch (CryptographicException exception)
        {
            problems.Add($"{path} holds no valid certificate: {exception.Message}");
        }

        return null;
    }

    /// <summary>Whether a chain can end with it.</summary>
    public static bool IsSelfIssued(X509Certificate2 certificate)
        => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static ServerCertificate? ParsePem(CertificateOptions options, string certificatePem, string password, CertificateFiles files, List<string> problems)
    {
        // One file may hold both: then privateKey is left out.
        var keyPath = options.PrivateKey ?? options.Certificate;
        if (!files.TryGet(keyPath, out var keyContent, out var problem))
        {
            problems.Add($"private key {problem}");
            return null;
        }

        var keyPem = Encoding.Latin1.GetString(keyContent);
        if (KeyProblem(keyPem, keyPath, options, password) is { } found)
        {
            problems.Add(found);
            return null;
        }

        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificatePem);
            if (chain.Count == 0)
            {
                problems.Add($"{options.Certificate} has no certificate (no -----BEGIN CERTIFICATE-----)");
                return null;
            }

            var leaf = IsEncrypted(keyPem)
                ? X509Certificate2.CreateFromEncryptedPem(certificatePem, keyPem, password)
                : X509Certificate2.CreateFromPem(certificatePem, keyPem);
            chain.RemoveAt(0);
            return new ServerCertificate(leaf, chain, options.Certificate);
        }
        catch (ArgumentException)
        {
            problems.Add($"the key {keyPath} does not belong to the first certificate in {options.Certificate} (the leaf comes first, its issuers after it)");
        }
        catch (CryptographicException exception)
        {
            problems.Add(IsEncrypted(keyPem)
                ? $"the key {keyPath} can't be decrypted: is the password in {options.PasswordFile} right?"
                : $"{options.Certificate} with {keyPath} is unusable: {exception.Message}");
        }

        return null;
    }

    private static string? KeyProblem(string keyPem, string keyPath, CertificateOptions options, string password)
    {
        if (!keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return options.PrivateKey is null
                ? $"{keyPath} has no private key: name its file in privateKey"
                : $"{keyPath} has no private key (no -----BEGIN PRIVATE KEY-----)";
        }

        if (keyPem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            return $"the key {keyPath} is encrypted in a form of the past; convert it with: openssl pkcs8 -topk8 -in {keyPath} -out key.pem";
        return IsEncrypted(keyPem) && password.Length == 0
            ? $"the key {keyPath} is encrypted: name the file with its password in passwordFile"
            : null;
    }

    private static bool IsEncrypted(string keyPem) => keyPem.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal);

    private static ServerCertificate? ParsePfx(CertificateOptions options, byte[] content, string password, List<string> problems)
    {
        try
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(content, password, X509KeyStorageFlags.EphemeralKeySet);
            var leaf = all.FirstOrDefault(certificate => certificate.HasPrivateKey);
            if (leaf is not null)
            {
                all.Remove(leaf);
                return new ServerCertificate(leaf, all, options.Certificate);
            }

            problems.Add($"{options.Certificate} has no certificate with a private key");
        }
        catch (CryptographicException)
        {
            problems.Add($"{options.Certificate} is neither PEM nor a .pfx file that its password opens");
        }

        return null;
    }
}
