using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

/// <summary>Examples printed in the specifications; those of RFC 7520 are among Wycheproof's vectors.</summary>
public sealed class SpecificationExampleTests
{
    private const string Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    [Fact]
    public void Thumbprint_of_RFC_7638_section_3_1()
    {
        var key = Assert.Single(Parse(
            """
            {"keys":[{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}]}
            """).Keys);

        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", key.Thumbprint);
        Assert.Equal("2011-04-29", key.Id);
    }

    [Fact]
    public void RS256_signature_of_RFC_7515_appendix_A_2()
    {
        var keys = Parse(
            """
            {"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}]}
            """);
        const string Token = $"eyJhbGciOiJSUzI1NiJ9.{Payload}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

        Assert.Equal(TokenFailure.None, Check(Token, keys));
    }

    [Fact]
    public void ES256_signature_of_RFC_7515_appendix_A_3()
    {
        var keys = Parse(
            """
            {"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
            """);
        const string Token = $"eyJhbGciOiJFUzI1NiJ9.{Payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

        Assert.Equal(TokenFailure.None, Check(Token, keys));
    }

    [Fact]
    public void The_unsecured_token_of_RFC_7515_appendix_A_5_is_refused()
    {
        Assert.False(CompactToken.TrySplit(Encoding.ASCII.GetBytes($"eyJhbGciOiJub25lIn0.{Payload}."), out _, out _));
        Assert.Equal(TokenFailure.AlgorithmRefused, Check($"eyJhbGciOiJub25lIn0.{Payload}.AAAA", TestSigner.Keys));
    }

    [Fact]
    public void Algorithms_have_their_registered_names()
    {
        Assert.Equal("RS256", KeyAlgorithm.RS256.Name());
        Assert.Equal("ES256", KeyAlgorithm.ES256.Name());
        Assert.Equal(KeyAlgorithm.None, KeyAlgorithmNames.Parse("none"));
        Assert.Equal(KeyAlgorithm.None, KeyAlgorithmNames.Parse("HS256"));
    }

    private static JsonWebKeySet Parse(string text)
    {
        Assert.True(JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes(text), out var set, out var fault), fault);
        return set;
    }

    private static TokenFailure Check(string token, JsonWebKeySet keys)
    {
        Assert.True(CompactToken.TrySplit(Encoding.ASCII.GetBytes(token), out var parts, out _));
        return SignatureCheck.Verify(parts, keys, TokenTypes.Untyped, new byte[1024], out _, out _, out _);
    }
}
