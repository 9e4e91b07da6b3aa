using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Portcullis.Testing;

/// <summary>An authenticator and the browser in front of it, in software: answers as right or as wrong as a test wants it (WebAuthn §6.1, §6.5).</summary>
internal sealed class TestAuthenticator : IDisposable
{
    private readonly ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RSA? rsa;

    public TestAuthenticator(bool isRsa = false) => rsa = isRsa ? RSA.Create(2048) : null;

    public byte[] CredentialId { get; set; } = RandomNumberGenerator.GetBytes(32);

    public string RelyingParty { get; set; } = "issuer.example";

    public string Origin { get; set; } = "https://issuer.example";

    /// <summary>UP, UV, BE and BS.</summary>
    public byte Flags { get; set; } = 0b0001_1101;

    public uint SignCount { get; set; }

    public byte[]? UserHandle { get; set; }

    public bool? IsCrossOrigin { get; set; } = false;

    /// <summary>Members at the end of the client data.</summary>
    public string MoreClientData { get; set; } = string.Empty;

    /// <summary>In the place of the key's own form.</summary>
    public byte[]? CoseKeyOverride { get; set; }

    /// <summary>What follows authenticator data, such as extensions.</summary>
    public byte[] Tail { get; set; } = [];

    /// <summary>The COSE key, as a store would keep it.</summary>
    public byte[] CoseKey
    {
        get
        {
            if (CoseKeyOverride is not null) return CoseKeyOverride;
            if (rsa is not null)
            {
                var key = rsa.ExportParameters(false);
                return [0xA4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, .. Octets(key.Modulus!), 0x21, .. Octets(key.Exponent!)];
            }

            var point = ecdsa.ExportParameters(false).Q;
            return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, .. Octets(point.X!), 0x22, .. Octets(point.Y!)];
        }
    }

    public void Dispose()
    {
        ecdsa.Dispose();
        rsa?.Dispose();
    }

    public byte[] ClientData(string type, byte[] challenge) => Encoding.UTF8.GetBytes(
        $$"""{"type":"{{type}}","challenge":"{{Base64Url.EncodeToString(challenge)}}","origin":"{{Origin}}"{{(IsCrossOrigin is { } isCross ? $",\"crossOrigin\":{(isCross ? "true" : "false")}" : string.Empty)}}{{MoreClientData}}}""");

    /// <summary>Client data and attestation object of a new credential.</summary>
    public (byte[] Client, byte[] Attestation) Create(byte[] challenge, string type = "webauthn.create")
        => (ClientData(type, challenge), Attestation(AuthenticatorData(isNew: true)));

    /// <summary>An attestation object with format none.</summary>
    public static byte[] Attestation(byte[] authenticatorData)
        => [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, .. Octets(authenticatorData)];

    /// <summary>Client data, authenticator data and signature of a use.</summary>
    public (byte[] Client, byte[] Authenticator, byte[] Signature) Use(byte[] challenge, string type = "webauthn.get", bool isNew = false)
    {
        var (client, data) = (ClientData(type, challenge), AuthenticatorData(isNew));
        return (client, data, Sign([.. data, .. SHA256.HashData(client)]));
    }

    public byte[] Sign(byte[] signed) => rsa is not null
        ? rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        : ecdsa.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    public byte[] AuthenticatorData(bool isNew)
    {
        var head = new byte[37];
        SHA256.HashData(Encoding.UTF8.GetBytes(RelyingParty), head);
        head[32] = (byte)(Flags | (isNew ? 0x40 : 0));
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(33), SignCount);
        return isNew ? [.. head, .. new byte[16], (byte)(CredentialId.Length >> 8), (byte)CredentialId.Length, .. CredentialId, .. CoseKey, .. Tail] : [.. head, .. Tail];
    }

    /// <summary>A byte string of CBOR in its shortest form.</summary>
    public static byte[] Octets(byte[] content) => content.Length switch
    {
        < 24 => [(byte)(0x40 + content.Length), .. content],
        < 256 => [0x58, (byte)content.Length, .. content],
        _ => [0x59, (byte)(content.Length >> 8), (byte)content.Length, .. content],
    };
}
