using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

public sealed class JsonWebKeySetTests
{
    private static readonly string n = Base64Url.EncodeToString(TestSigner.Rsa.PublicKey.First);
    private static readonly string x = Base64Url.EncodeToString(TestSigner.P256.PublicKey.First);
    private static readonly string y = Base64Url.EncodeToString(TestSigner.P256.PublicKey.Second);

    [Fact]
    public void A_written_set_reads_back_the_same()
    {
        Assert.True(JsonWebKeySet.TryParse(TestSigner.Keys.Document.Span, out var set, out var fault), fault);
        Assert.Equal(TestSigner.Keys.Keys.Select(key => (key.Id, key.Algorithm, key.Bits, key.Thumbprint)), set.Keys.Select(key => (key.Id, key.Algorithm, key.Bits, key.Thumbprint)));
        Assert.Empty(set.Skipped);
        Assert.Equal(TestSigner.Keys.Document.ToArray(), set.Document.ToArray());
    }

    [Fact]
    public void The_document_shows_public_members_only()
    {
        using var document = JsonDocument.Parse(TestSigner.Keys.Document);
        var names = document.RootElement.GetProperty("keys").EnumerateArray().Select(key => string.Join(' ', key.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(["kty use alg kid n e", "kty use alg kid crv x y"], names);
    }

    [Fact]
    public void Unknown_types_and_members_do_not_spoil_the_set()
    {
        var set = Parse($$"""
            {"version":2,"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA","kid":"ed"},{"kty":"oct","k":"AAAA","kid":"mac"},{"kty":"AKP","kid":"pq"},7,null,{},
            {"kty":"RSA","n":"{{JsonWebKeySetTests.n}}","e":"AQAB","kid":"good","x5t":"abc","x5c":["MIIB"],"issuer":{"a":[1]} }]}
            """);

        Assert.Equal("good", Assert.Single(set.Keys).Id);
        Assert.Equal(["ed", "mac", "pq", null, null, null], set.Skipped.Select(key => key.KeyId));
    }

    [Fact]
    public void Keys_without_algorithm_or_id_get_the_only_algorithm_of_their_type_and_the_thumbprint()
    {
        var set = Parse($$"""{"keys":[{"kty":"RSA","n":"{{JsonWebKeySetTests.n}}","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"{{JsonWebKeySetTests.x}}","y":"{{JsonWebKeySetTests.y}}"}]}""");

        Assert.Equal([KeyAlgorithm.RS256, KeyAlgorithm.ES256], set.Keys.Select(key => key.Algorithm));
        Assert.Equal([TestSigner.Rsa.Id, TestSigner.P256.Id], set.Keys.Select(key => key.Id));
    }

    [Theory]
    [InlineData("\"alg\":\"PS256\"")]
    [InlineData("\"alg\":\"RSA-OAEP\"")]
    [InlineData("\"alg\":\"none\"")]
    [InlineData("\"alg\":\"HS256\"")]
    [InlineData("\"alg\":\"ES256\"")]
    [InlineData("\"alg\":1")]
    [InlineData("\"use\":\"enc\"")]
    [InlineData("\"use\":\"\"")]
    [InlineData("\"use\":[\"sig\"]")]
    [InlineData("\"key_ops\":[\"encrypt\",\"sign\"]")]
    [InlineData("\"key_ops\":[]")]
    [InlineData("\"key_ops\":\"verify\"")]
    [InlineData("\"d\":\"AQAB\"")]
    [InlineData("\"kid\":\"\"")]
    [InlineData("\"kid\":5")]
    public void Keys_for_other_things_are_skipped(string member)
    {
        var set = Parse($$"""{"keys":[{"kty":"RSA","n":"{{JsonWebKeySetTests.n}}","e":"AQAB",{{member}}}]}""");
        Assert.Empty(set.Keys);
        Assert.Single(set.Skipped);
    }

    [Theory]
    [InlineData("AQ")]
    [InlineData("Ag")]
    [InlineData("AAEAAQ")]
    [InlineData("AQAA")]
    [InlineData("AQAAAAE")]
    [InlineData("")]
    [InlineData("AQAB=")]
    public void Bad_RSA_exponents_are_skipped(string exponent) =>
        Assert.Single(Parse($$"""{"keys":[{"kty":"RSA","n":"{{JsonWebKeySetTests.n}}","e":"{{exponent}}"}]}""").Skipped);

    [Fact]
    public void Bad_RSA_moduli_are_skipped()
    {
        var modulus = TestSigner.Rsa.PublicKey.First;
        byte[] even = [.. modulus[..^1], (byte)(modulus[^1] & 0xfe)];
        byte[] oversized = [0xff, .. new byte[1024], 1];
        foreach (var bad in new byte[][] { [0, .. modulus], even, modulus[..255], [0x7f, .. modulus[1..]], oversized, [] })
            Assert.Single(Parse($$"""{"keys":[{"kty":"RSA","n":"{{Base64Url.EncodeToString(bad)}}","e":"AQAB"}]}""").Skipped);
    }

    [Fact]
    public void Weak_moduli_of_the_faulty_generator_are_recognised_and_sound_ones_are_not()
    {
        // A prime of the faulty form has residues in the group of 65537; so has every product of such numbers, like a power of 65537 itself.
        var weak = System.Numerics.BigInteger.Pow(65537, 127).ToByteArray(isUnsigned: true, isBigEndian: true);
        Assert.True(RocaFingerprint.Matches(weak));
        Assert.False(RocaFingerprint.Matches(TestSigner.Rsa.PublicKey.First));
    }

    [Fact]
    public void Bad_points_are_skipped()
    {
        var zero = Base64Url.EncodeToString(new byte[32]);
        var shorter = Base64Url.EncodeToString(TestSigner.P256.PublicKey.First.AsSpan(1));
        foreach (var (x, y) in new[] { (JsonWebKeySetTests.y, JsonWebKeySetTests.x), (zero, zero), (shorter, JsonWebKeySetTests.y), (JsonWebKeySetTests.x, ""), (JsonWebKeySetTests.x + "AA", JsonWebKeySetTests.y) })
            Assert.Single(Parse($$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{x}}","y":"{{y}}"}]}""").Skipped);
    }

    [Theory]
    [InlineData("P-384")]
    [InlineData("P-521")]
    [InlineData("secp256k1")]
    [InlineData("p-256")]
    public void Other_curves_are_skipped(string curve)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var q = other.ExportParameters(false).Q;
        foreach (var (x, y) in new[] { (JsonWebKeySetTests.x, JsonWebKeySetTests.y), (Base64Url.EncodeToString(q.X), Base64Url.EncodeToString(q.Y)) })
            Assert.Single(Parse($$"""{"keys":[{"kty":"EC","crv":"{{curve}}","x":"{{x}}","y":"{{y}}"}]}""").Skipped);
    }

    [Fact]
    public void One_id_for_two_keys_of_one_algorithm_refuses_the_set()
    {
        var rsa = $$"""{"kty":"RSA","n":"{{JsonWebKeySetTests.n}}","e":"AQAB","kid":"k"}""";
        var ec = $$"""{"kty":"EC","crv":"P-256","x":"{{JsonWebKeySetTests.x}}","y":"{{JsonWebKeySetTests.y}}","kid":"k"}""";
        Assert.False(JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes($$"""{"keys":[{{rsa}},{{rsa}}]}"""), out _, out var fault));
        Assert.Equal("one kid for two keys", fault);

        var both = Parse($$"""{"keys":[{{rsa}},{{ec}}]}""");
        Assert.Equal(KeyAlgorithm.ES256, both.Find("k"u8, KeyAlgorithm.ES256)!.Algorithm);
        Assert.Equal(KeyAlgorithm.RS256, both.Find("k"u8, KeyAlgorithm.RS256)!.Algorithm);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"keys\":{}}")]
    [InlineData("{\"keys\":null}")]
    [InlineData("{\"keys\":[],\"keys\":[]}")]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\",\"kty\":\"EC\"}]}")]
    [InlineData("{\"keys\":[[[[[[[[[]]]]]]]]]}")]
    [InlineData("<html>")]
    public void A_document_that_is_no_key_set_is_refused(string text)
    {
        Assert.False(JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes(text), out var set, out var fault));
        Assert.Null(set);
        Assert.NotNull(fault);
    }

    [Fact]
    public void Bounds_of_size_and_number_hold()
    {
        Assert.True(JsonWebKeySet.TryParse(Many(64), out _, out _));
        Assert.False(JsonWebKeySet.TryParse(Many(65), out _, out _));
        Assert.False(JsonWebKeySet.TryParse(new byte[JsonWebKeySet.MaximumSize + 1], out _, out var fault));
        Assert.Equal("larger than 256 KiB", fault);
    }

    [Fact]
    public void An_empty_set_is_a_set() => Assert.Empty(Parse("{\"keys\":[]}").Keys);

    private static byte[] Many(int count) => Encoding.UTF8.GetBytes($$"""{"keys":[{{string.Join(',', Enumerable.Repeat("{\"kty\":\"oct\"}", count))}}]}""");

    private static JsonWebKeySet Parse(string text)
    {
        Assert.True(JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes(text), out var set, out var fault), fault);
        return set;
    }
}
