using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portcullis.Gateway.Identity.Certificates;

/// <summary>A client certificate that was found good in a handshake, with what it is recognised by. Immutable; one for each connection.</summary>
internal sealed class ShownCertificate
{
    /// <summary>Names of one certificate that are looked at; what stands behind them is not recognised.</summary>
    private const int MostNames = 64;

    private const string SubjectAlternativeName = "2.5.29.17";

    // RFC 5280 §4.2.1.6: the choices of GeneralName.
    private static readonly Asn1Tag HostTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    private readonly DateTimeOffset notBefore;
    private readonly DateTimeOffset notAfter;
    private readonly byte[] thumbprint;

    public ShownCertificate(X509Certificate2 certificate)
    {
        thumbprint = SHA256.HashData(certificate.RawDataMemory.Span);
        notBefore = new DateTimeOffset(certificate.NotBefore);
        notAfter = new DateTimeOffset(certificate.NotAfter);
        Keys = [CertificateName.FingerprintKey(thumbprint), .. CertificateName.SubjectKey(certificate.SubjectName) is { } subject ? [subject] : Array.Empty<string>(), .. AlternativeNames(certificate)];
    }

    /// <summary>SHA-256 of its DER form, to which tokens are bound (RFC 8705 §3.1).</summary>
    public ReadOnlySpan<byte> Thumbprint => thumbprint;

    /// <summary>All its names in the form of <see cref="CertificateName.Key"/>.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>Whether it is valid at the time: a connection may outlive the certificate it began with.</summary>
    public bool IsValidAt(DateTimeOffset now) => notBefore <= now && now <= notAfter;

    private static IEnumerable<string> AlternativeNames(X509Certificate2 certificate)
    {
        var keys = new List<string>();
        if (certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == SubjectAlternativeName) is not { } found) return keys;
        try
        {
            var names = new AsnReader(found.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData && keys.Count < MostNames)
            {
                var tag = names.PeekTag();
                if (tag.HasSameClassAndValue(HostTag)) keys.Add(CertificateName.HostKey(names.ReadCharacterString(UniversalTagNumber.IA5String, HostTag)));
                else if (tag.HasSameClassAndValue(UriTag)) keys.Add(CertificateName.UriKey(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag)));
                else names.ReadEncodedValue();
            }

            return keys;
        }
        catch (AsnContentException)
        {
            // What can't be read to its end names nobody.
            return [];
        }
    }
}
