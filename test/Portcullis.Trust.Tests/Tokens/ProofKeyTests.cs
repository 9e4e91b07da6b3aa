using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

public sealed class ProofKeyTests
{
    private const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    private const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    [Fact]
    public void The_example_of_RFC_7636_matches()
    {
        Assert.True(ProofKey.IsChallenge(Challenge));
        Assert.True(ProofKey.Matches(Challenge, Verifier));
    }

    [Theory]
    [InlineData(Challenge, Challenge)]
    [InlineData(Verifier, Verifier)]
    [InlineData(Challenge, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")]
    [InlineData(Challenge, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX")]
    [InlineData(Challenge, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX+")]
    [InlineData(Challenge, "")]
    [InlineData("", Verifier)]
    [InlineData("\u0141\u0141Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", Verifier)]
    [InlineData(Challenge + "=", Verifier)]
    public void Anything_else_does_not(string challenge, string verifier) => Assert.False(ProofKey.Matches(challenge, verifier));

    [Fact]
    public void A_verifier_has_43_to_128_characters()
    {
        foreach (var (length, isGood) in new[] { (42, false), (43, true), (128, true), (129, false) })
        {
            var verifier = new string('a', length);
            var challenge = System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier)));
            Assert.Equal(isGood, ProofKey.Matches(challenge, verifier));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c")]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=")]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN")]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")]
    public void A_challenge_is_the_strict_base64url_of_a_hash(string challenge) => Assert.False(ProofKey.IsChallenge(challenge));
}
