using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Passkeys;

namespace Portcullis.Trust.Tests.Passkeys;

public sealed class PasskeyVerifierTests : IDisposable
{
    private readonly TestAuthenticator authenticator = new();
    private readonly PasskeyVerifier verifier = new("issuer.example", "https://issuer.example");
    private readonly byte[] challenge = RandomNumberGenerator.GetBytes(PasskeyVerifier.ChallengeSize);

    public void Dispose() => authenticator.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_credential_registers_and_signs_in(bool isRsa)
    {
        using var other = new TestAuthenticator(isRsa);
        var (client, attestation) = other.Create(challenge);
        Assert.Equal(PasskeyOutcome.Verified, verifier.Register(challenge, client, attestation, out var passkey));
        Assert.Equal(other.CredentialId, passkey!.CredentialId.ToArray());

        var use = other.Use(challenge);
        Assert.Equal(PasskeyOutcome.Verified, verifier.Assert(challenge, use.Client, use.Authenticator, use.Signature, passkey.PublicKey.Span, 0, out var used));
        Assert.True(used.IsBackedUp);
    }

    public static TheoryData<string, PasskeyOutcome> Defects => new()
    {
        { "type", PasskeyOutcome.WrongType },
        { "challenge", PasskeyOutcome.WrongChallenge },
        { "origin", PasskeyOutcome.WrongOrigin },
        { "origin below", PasskeyOutcome.WrongOrigin },
        { "origin with port", PasskeyOutcome.WrongOrigin },
        { "plain origin", PasskeyOutcome.WrongOrigin },
        { "framed", PasskeyOutcome.CrossOrigin },
        { "top origin", PasskeyOutcome.CrossOrigin },
        { "relying party", PasskeyOutcome.WrongRelyingParty },
        { "nobody there", PasskeyOutcome.UserAbsent },
        { "not verified", PasskeyOutcome.UserUnverified },
        { "backed up but not eligible", PasskeyOutcome.FlagsWrong },
        { "octet behind", PasskeyOutcome.Malformed },
        { "extensions flagged but missing", PasskeyOutcome.Malformed },
        { "extensions that are no map", PasskeyOutcome.Malformed },
        { "member twice", PasskeyOutcome.Malformed },
        { "client data too long", PasskeyOutcome.Malformed },
        { "flag of another type", PasskeyOutcome.Malformed },
    };

    [Theory]
    [MemberData(nameof(Defects))]
    public void A_new_credential_with_a_defect_is_refused(string defect, PasskeyOutcome expected)
    {
        var (client, attestation) = Break(defect) is { } type ? authenticator.Create(Asked(defect), type.Replace("get", "create", StringComparison.Ordinal)) : authenticator.Create(Asked(defect));
        Assert.Equal(expected, verifier.Register(challenge, client, attestation, out var passkey));
        Assert.Null(passkey);
    }

    [Theory]
    [MemberData(nameof(Defects))]
    public void A_use_with_a_defect_is_refused(string defect, PasskeyOutcome expected)
    {
        var key = authenticator.CoseKey;
        var (client, data, signature) = Break(defect) is { } type ? authenticator.Use(Asked(defect), type) : authenticator.Use(Asked(defect));
        Assert.Equal(expected, verifier.Assert(challenge, client, data, signature, key, 0, out _));
    }

    [Fact]
    public void A_registration_is_no_use_and_a_use_is_no_registration()
    {
        var (client, attestation) = authenticator.Create(challenge, "webauthn.get");
        Assert.Equal(PasskeyOutcome.WrongType, verifier.Register(challenge, client, attestation, out _));
        var use = authenticator.Use(challenge, "webauthn.create");
        Assert.Equal(PasskeyOutcome.WrongType, verifier.Assert(challenge, use.Client, use.Authenticator, use.Signature, authenticator.CoseKey, 0, out _));
        var isNew = authenticator.Use(challenge, isNew: true);
        Assert.Equal(PasskeyOutcome.FlagsWrong, verifier.Assert(challenge, isNew.Client, isNew.Authenticator, isNew.Signature, authenticator.CoseKey, 0, out _));
        var old = TestAuthenticator.Attestation(authenticator.AuthenticatorData(isNew: false));
        Assert.Equal(PasskeyOutcome.FlagsWrong, verifier.Register(challenge, authenticator.ClientData("webauthn.create", challenge), old, out _));
    }

    [Theory]
    [InlineData(0u, 0u, true)]
    [InlineData(0u, 1u, true)]
    [InlineData(7u, 8u, true)]
    [InlineData(7u, 7u, false)]
    [InlineData(7u, 6u, false)]
    [InlineData(7u, 0u, false)]
    [InlineData(uint.MaxValue, 0u, false)]
    public void The_counter_grows_where_there_is_one(uint stored, uint sent, bool isGood)
    {
        authenticator.SignCount = sent;
        var use = authenticator.Use(challenge);
        Assert.Equal(isGood ? PasskeyOutcome.Verified : PasskeyOutcome.CounterStuck, verifier.Assert(challenge, use.Client, use.Authenticator, use.Signature, authenticator.CoseKey, stored, out var used));
        Assert.Equal(isGood ? sent : 0, used.SignCount);
    }

    [Fact]
    public void Another_key_s_signature_is_refused()
    {
        using var other = new TestAuthenticator();
        var use = authenticator.Use(challenge);
        Assert.Equal(PasskeyOutcome.SignatureWrong, verifier.Assert(challenge, use.Client, use.Authenticator, use.Signature, other.CoseKey, 0, out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_changed_bit_of_a_use_is_refused(bool isRsa)
    {
        using var other = new TestAuthenticator(isRsa);
        var key = other.CoseKey;
        var use = other.Use(challenge);
        foreach (var part in new[] { use.Client, use.Authenticator, use.Signature })
        {
            for (var i = 0; i < part.Length; i++)
            {
                part[i] ^= (byte)(1 << (i % 8));
                Assert.NotEqual(PasskeyOutcome.Verified, verifier.Assert(challenge, use.Client, use.Authenticator, use.Signature, key, 0, out _));
                part[i] ^= (byte)(1 << (i % 8));
            }
        }

        Assert.Equal(PasskeyOutcome.Verified, verifier.Assert(challenge, use.Client, use.Authenticator, use.Signature, key, 0, out _));
    }

    [Fact]
    public void A_part_of_anything_is_refused_and_throws_nothing()
    {
        var (client, attestation) = authenticator.Create(challenge);
        for (var length = 0; length < attestation.Length; length++) Assert.NotEqual(PasskeyOutcome.Verified, verifier.Register(challenge, client, attestation.AsSpan(0, length), out _));
        for (var length = 0; length < client.Length; length++) Assert.NotEqual(PasskeyOutcome.Verified, verifier.Register(challenge, client.AsSpan(0, length), attestation, out _));
        var use = authenticator.Use(challenge);
        for (var length = 0; length < use.Authenticator.Length; length++)
            Assert.NotEqual(PasskeyOutcome.Verified, verifier.Assert(challenge, use.Client, use.Authenticator.AsSpan(0, length), use.Signature, authenticator.CoseKey, 0, out _));
        for (var length = 0; length < use.Signature.Length; length++)
            Assert.NotEqual(PasskeyOutcome.Verified, verifier.Assert(challenge, use.Client, use.Authenticator, use.Signature.AsSpan(0, length), authenticator.CoseKey, 0, out _));
    }

    [Fact]
    public void No_challenge_is_answered_by_nothing()
    {
        var use = authenticator.Use([]);
        Assert.Equal(PasskeyOutcome.WrongChallenge, verifier.Assert([], use.Client, use.Authenticator, use.Signature, authenticator.CoseKey, 0, out _));
    }

    [Theory]
    [InlineData("3006020100020100")]
    [InlineData("3006020101020100")]
    [InlineData("3006020100020101")]
    [InlineData("300602018002 0101")]
    [InlineData("308006020101020101")]
    [InlineData("300702010102020001")]
    [InlineData("3006020101020101 00")]
    [InlineData("")]
    public void A_signature_that_is_not_DER_or_has_a_zero_is_refused(string hex)
    {
        var use = authenticator.Use(challenge);
        var signature = Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal));
        Assert.Equal(PasskeyOutcome.SignatureWrong, verifier.Assert(challenge, use.Client, use.Authenticator, signature, authenticator.CoseKey, 0, out _));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1023, true)]
    [InlineData(1024, false)]
    public void A_credential_id_has_one_to_1023_octets(int length, bool isGood)
    {
        authenticator.CredentialId = new byte[length];
        var (client, attestation) = authenticator.Create(challenge);
        Assert.Equal(isGood ? PasskeyOutcome.Verified : PasskeyOutcome.Malformed, verifier.Register(challenge, client, attestation, out _));
    }

    [Fact]
    public void Extensions_are_passed_over()
    {
        authenticator.Flags |= 0x80;
        authenticator.Tail = [0xA1, 0x6B, .. "credProtect"u8, 0x02];
        var (client, attestation) = authenticator.Create(challenge);
        Assert.Equal(PasskeyOutcome.Verified, verifier.Register(challenge, client, attestation, out _));
        var use = authenticator.Use(challenge);
        Assert.Equal(PasskeyOutcome.Verified, verifier.Assert(challenge, use.Client, use.Authenticator, use.Signature, authenticator.CoseKey, 0, out _));
    }

    private byte[] Asked(string defect) => defect == "challenge" ? RandomNumberGenerator.GetBytes(PasskeyVerifier.ChallengeSize) : challenge;

    // Sets up the defect; the type of the ceremony where that is it.
    private string? Break(string defect)
    {
        switch (defect)
        {
            case "type": return "webauthn.get.other";
            case "challenge": break;
            case "origin": authenticator.Origin = "https://evil.example"; break;
            case "origin below": authenticator.Origin = "https://login.issuer.example"; break;
            case "origin with port": authenticator.Origin = "https://issuer.example:8443"; break;
            case "plain origin": authenticator.Origin = "http://issuer.example"; break;
            case "framed": authenticator.IsCrossOrigin = true; break;
            case "top origin": authenticator.MoreClientData = ",\"topOrigin\":\"https://issuer.example\""; break;
            case "relying party": authenticator.RelyingParty = "example"; break;
            case "nobody there": authenticator.Flags = 0b0001_1100; break;
            case "not verified": authenticator.Flags = 0b0001_1001; break;
            case "backed up but not eligible": authenticator.Flags = 0b0001_0101; break;
            case "octet behind": authenticator.Tail = [0]; break;
            case "extensions flagged but missing": authenticator.Flags |= 0x80; break;
            case "extensions that are no map": (authenticator.Flags, authenticator.Tail) = ((byte)(authenticator.Flags | 0x80), [0x00]); break;
            case "member twice": authenticator.MoreClientData = ",\"origin\":\"https://issuer.example\""; break;
            case "client data too long": authenticator.MoreClientData = $",\"more\":\"{new string('x', 5000)}\""; break;
            case "flag of another type": authenticator.MoreClientData = ",\"topOrigin\":false"; break;
            default: throw new ArgumentOutOfRangeException(nameof(defect), defect, null);
        }

        return null;
    }
}
