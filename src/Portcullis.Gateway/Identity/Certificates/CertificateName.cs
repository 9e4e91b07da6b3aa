using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portcullis.Gateway.Identity.Certificates;

/// <summary>
/// By what a client certificate is recognised, one of: <c>fingerprint:</c> and SHA-256 of its DER form in hexadecimal digits, <c>subject:</c> and its whole
/// distinguished name (RFC 4514), <c>dns:</c> or <c>uri:</c> and one name of its subject alternative name. Compared whole and exactly; there are no patterns.
/// The chain to the listener's authorities was judged in the handshake.
/// </summary>
/// <remarks>A certificate's names and a configured one meet as equal texts, so that a look-up is one of a table.</remarks>
public sealed record CertificateName
{
    private const int MostCharacters = 1024;

    private CertificateName(string key) => Key = key;

    /// <summary>The name in its one form.</summary>
    public string Key { get; }

    /// <summary>Reads a name as written; <paramref name="problem"/> tells what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CertificateName? name, [NotNullWhen(false)] out string? problem)
    {
        name = null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var value = colon < 0 ? string.Empty : text[(colon + 1)..].Trim();
        if (value.Length is 0 or > MostCharacters)
        {
            problem = "is no name of a certificate: write fingerprint:, subject:, dns: or uri: and the value";
            return false;
        }

        (name, problem) = text[..colon] switch
        {
            "fingerprint" => OfFingerprint(value),
            "subject" => OfSubject(value),
            "dns" => OfHost(value),
            "uri" => OfUri(value),
            _ => (null, "is of no known kind: write fingerprint:, subject:, dns: or uri:"),
        };
        return name is not null;
    }

    internal static string FingerprintKey(ReadOnlySpan<byte> thumbprint) => "fingerprint:" + Convert.ToHexStringLower(thumbprint);

    internal static string HostKey(string host) => "dns:" + host.ToLowerInvariant();

    internal static string UriKey(string uri) => "uri:" + uri;

    /// <summary>
    /// A distinguished name as types and values in order, whatever string types it is encoded in. Null where it can't be told exactly: several values in one
    /// part, or a value that is no text.
    /// </summary>
    internal static string? SubjectKey(X500DistinguishedName subject)
    {
        var parts = new List<string>();
        try
        {
            foreach (var part in subject.EnumerateRelativeDistinguishedNames(reversed: false))
            {
                if (part.HasMultipleElements || part.GetSingleElementValue() is not { } value) return null;

                // Lengths before values: no value can pose as the end of its part.
                parts.Add($"{part.GetSingleElementType().Value}={value.Length}:{value}");
            }
        }
        catch (CryptographicException)
        {
            return null;
        }

        return parts.Count == 0 ? null : "subject:" + string.Join(',', parts);
    }

    private static (CertificateName? Name, string? Problem) OfFingerprint(string value)
    {
        var digits = value.Replace(":", string.Empty, StringComparison.Ordinal);
        return digits.Length == 2 * SHA256.HashSizeInBytes && digits.All(char.IsAsciiHexDigit)
            ? (new CertificateName(FingerprintKey(Convert.FromHexString(digits))), null)
            : (null, "is no SHA-256 fingerprint: 64 hexadecimal digits, as openssl x509 -fingerprint -sha256 prints them");
    }

    private static (CertificateName? Name, string? Problem) OfSubject(string value)
    {
        const string hint = "is no distinguished name with one value in each part, such as CN=orders, O=Example";
        if (value.Contains('+', StringComparison.Ordinal)) return (null, hint); // several values in one part: their order says nothing
        try
        {
            return SubjectKey(new X500DistinguishedName(value)) is { } key ? (new CertificateName(key), null) : (null, hint);
        }
        catch (CryptographicException)
        {
            return (null, hint);
        }
    }

    private static (CertificateName? Name, string? Problem) OfHost(string value)
        => value.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_')
            ? (new CertificateName(HostKey(value)), null)
            : (null, "is no host name: letters, digits, hyphens and dots; patterns are not taken");

    private static (CertificateName? Name, string? Problem) OfUri(string value)
        => !value.AsSpan().ContainsAnyExceptInRange('!', '~') && value.Contains(':', StringComparison.Ordinal)
            ? (new CertificateName(UriKey(value)), null)
            : (null, "is no URI, such as spiffe://example.org/orders");
}
