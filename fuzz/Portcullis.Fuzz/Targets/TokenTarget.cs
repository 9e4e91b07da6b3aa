using System.Text;
using Portcullis.Trust.Tokens;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The JWT parser and verifier: input is what stands behind <c>Bearer</c>. Nothing throws, nothing that is not signed by a key
/// of the set is valid, and a refusal says why without quoting the token.
/// </summary>
internal sealed class TokenTarget : IFuzzTarget
{
    private readonly TokenVerifier verifier = new(new TokenRules { Issuer = "https://issuer.example", Audiences = ["api"], Types = TokenTypes.AccessToken | TokenTypes.Jwt | TokenTypes.Untyped }, TimeProvider.System);

    public string Name => "token";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        ".", "..", "eyJ", "e30", "eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9", "=", "-", "_", "+", "/", "\0", "\u00e9",
        "eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjoiYXBpIiwiZXhwIjo0MTAyNDQ0ODAwfQ", "eyJhIjoxLCJhIjoyfQ", "AAAA",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var parsed = UnverifiedToken.TryParse(input, out var token, out var cause);
        BrokenInvariantException.Unless(parsed == token is not null, "a parsed token is there");
        BrokenInvariantException.Unless(parsed || !string.IsNullOrEmpty(cause), "a refusal says why");

        var verified = verifier.Verify(input, JsonWebKeySet.Empty);
        BrokenInvariantException.Unless(!verified.IsValid, "nothing is valid without keys");
        BrokenInvariantException.Unless(verified.Failure != TokenFailure.None && verified.Cause.Length > 0, "a refusal has a reason");
        if (input.Length >= 16) BrokenInvariantException.Unless(!verified.Cause.Contains(Encoding.Latin1.GetString(input), StringComparison.Ordinal), "a cause does not quote the token");
    }
}
