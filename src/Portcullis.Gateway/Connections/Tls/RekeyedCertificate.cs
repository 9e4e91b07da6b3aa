using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// The same certificate with TLS session ticket keys of its own. On Linux .NET keeps one OpenSSL context for each certificate hash and set
/// of protocols for as long as the process runs, whatever <see cref="System.Net.Security.SslStreamCertificateContext"/> a handshake is given,
/// and the ticket keys are the context's. So each copy answers with a hash of its own, which goes into nothing else of a handshake.
/// </summary>
internal sealed class RekeyedCertificate(X509Certificate2 certificate) : X509Certificate2(certificate)
{
    private readonly byte[] nonce = RandomNumberGenerator.GetBytes(32);

    public override byte[] GetCertHash(HashAlgorithmName hashAlgorithm)
    {
        using var hash = IncrementalHash.CreateHash(hashAlgorithm);
        hash.AppendData(RawDataMemory.Span);
        hash.AppendData(nonce);
        return hash.GetHashAndReset();
    }

    public override bool TryGetCertHash(HashAlgorithmName hashAlgorithm, Span<byte> destination, out int bytesWritten)
    {
        var hash = GetCertHash(hashAlgorithm);
        var fits = hash.AsSpan().TryCopyTo(destination);
        bytesWritten = fits ? hash.Length : 0;
        return fits;
    }
}
