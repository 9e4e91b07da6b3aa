using System.Text;
using Portcullis.Trust.Passkeys;

namespace Portcullis.Trust.Tests.Passkeys;

/// <summary>Test vectors of WebAuthn level 3, §16, with relying party <c>example.org</c>. Their authenticators do not always check the user, which only these tests accept.</summary>
public sealed class SpecificationVectorTests
{
    private const string Key = "a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220";

    private readonly PasskeyVerifier verifier = new("example.org", "https://example.org") { AcceptsUnverifiedUsers = true };

    /// <summary>Challenge, client data and attestation object of a registration; challenge, client data, authenticator data and signature of a use.</summary>
    public static TheoryData<string, string[], string[]> Vectors => new()
    {
        {
            "none.ES256",
            [
                "00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130",
                """{"type":"webauthn.create","challenge":"AMMPt4UxxGTStncdq417YDwBFi8vpIa-pw8oOuVW4TA","origin":"https://example.org","crossOrigin":false,"extraData":"clientDataJSON may be extended with additional fields in the future, such as this: BkQeDjdcTBrXBiAwJTLE5Q"}""",
                "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4" + Key,
            ],
            [
                "39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408",
                """{"type":"webauthn.get","challenge":"OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag","origin":"https://example.org","crossOrigin":false}""",
                "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000",
                "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87",
            ]
        },
        {
            "packed-self.ES256",
            [
                "7869c2b772d4b58eba9378cf8f29e26cf935aa77df0da89fa99c0bdc0a76f7e5",
                """{"type":"webauthn.create","challenge":"eGnCt3LUtY66k3jPjynibPk1qnffDaifqZwL3Ap29-U","origin":"https://example.org","crossOrigin":false,"extraData":"clientDataJSON may be extended with additional fields in the future, such as this: U9hTXvKE2URkMnb_0xYHVg"}""",
                "a363666d74667061636b65646761747453746d74a263616c672663736967584630440220067a20754ab925005dbf378097c92120031581c73228d1fb4f5b881bcd7da98302207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d68617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b55d00000000df850e09db6afbdfab51697791506cfc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58ca5010203262001215820eb151c8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee484f2",
            ],
            [
                "4478a10b1352348dd160c1353b0d469b5db19eb91c27f7dfa6fed39fe26af20b",
                """{"type":"webauthn.get","challenge":"RHihCxNSNI3RYME1Ow1Gm12xnrkcJ_ffpv7Tn-Jq8gs","origin":"https://example.org","crossOrigin":false,"extraData":"clientDataJSON may be extended with additional fields in the future, such as this: gTb53rz6EhSWomXGzimC1Q"}""",
                "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50900000000",
                "304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf84002204e94dd00047b316061b3b99772b7efd95994a83ef584b3b6b825ea3550251b66",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_published_credential_registers_and_signs_in(string name, string[] registration, string[] use)
    {
        Assert.NotEmpty(name);
        var outcome = verifier.Register(Hex(registration[0]), Text(registration[1]), Hex(registration[2]), out var passkey);
        Assert.Equal(PasskeyOutcome.Verified, outcome);
        Assert.Equal(32, passkey!.CredentialId.Length);

        Assert.Equal(PasskeyOutcome.Verified, verifier.Assert(Hex(use[0]), Text(use[1]), Hex(use[2]), Hex(use[3]), passkey.PublicKey.Span, passkey.SignCount, out _));
        var strict = new PasskeyVerifier("example.org", "https://example.org");
        Assert.Equal(PasskeyOutcome.UserUnverified, strict.Assert(Hex(use[0]), Text(use[1]), Hex(use[2]), Hex(use[3]), passkey.PublicKey.Span, 0, out _));
    }

    [Fact]
    public void What_is_stored_is_what_was_registered()
    {
        var registration = (string[])Vectors.First().Data.Item2;
        verifier.Register(Hex(registration[0]), Text(registration[1]), Hex(registration[2]), out var passkey);

        Assert.Equal("f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4", Convert.ToHexStringLower(passkey!.CredentialId.Span));
        Assert.Equal(Key, Convert.ToHexStringLower(passkey.PublicKey.Span));
        Assert.True(passkey.IsBackedUp);
    }

    [Fact]
    public void A_published_credential_of_a_framed_page_is_refused()
    {
        var outcome = verifier.Register(
            Hex("3be5aacd03537142472340ab5969f240f1d87716e20b6807ac230655fa4b3b49"),
            Text("""{"type":"webauthn.create","challenge":"O-WqzQNTcUJHI0CrWWnyQPHYdxbiC2gHrCMGVfpLO0k","origin":"https://example.org","crossOrigin":true,"extraData":"clientDataJSON may be extended with additional fields in the future, such as this: zZquEtDR9DWqpW5tBWTFug"}"""),
            Hex("a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54500000000883f4f6014f19c09d87aa38123be48d000206e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57a501020326200121582022200a473f90b11078851550d03b4e44a2279f8c4eca27b3153dedfe03e4e97d225820cbd0be95e746ad6f5a8191be11756e4c0420e72f65b466d39bc56b8b123a9c6e"),
            out _);

        Assert.Equal(PasskeyOutcome.CrossOrigin, outcome);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
