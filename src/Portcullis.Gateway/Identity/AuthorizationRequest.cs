using System.Globalization;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.People;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity;

/// <summary>What a client asks of a person at <c>/oauth/authorize</c> (RFC 6749 §4.1.1; OpenID Connect Core §3.1.2.1), once client and redirect are known to be good.</summary>
internal sealed record AuthorizationRequest
{
    private const int LongestNonce = 256;

    public required IReadOnlyList<string> Scope { get; init; }

    public required string Challenge { get; init; }

    public string? Nonce { get; init; }

    /// <summary><c>prompt=none</c>: no page may be shown.</summary>
    public bool IsSilent { get; init; }

    /// <summary><c>prompt=login</c>: the person shall prove anew who they are.</summary>
    public bool WantsSignIn { get; init; }

    /// <summary><c>acr_values</c>: the person shall have signed in with several factors (RFC 9470 §4).</summary>
    public bool WantsSeveralFactors { get; init; }

    /// <summary><c>max_age</c>: how long ago they may have done so; null: any time.</summary>
    public TimeSpan? MaximumAge { get; init; }

    /// <summary>Reads the rest of the parameters; an error here may be told to the client.</summary>
    public static (AuthorizationRequest? Request, OAuthError? Error) Read(OAuthParameters parameters, OAuthClient client)
    {
        // 1. What is not offered is refused, not overlooked: a client that signs its request must not believe that anybody looked.
        if (parameters.Contains("request")) return Fail("request_not_supported", "request objects are not supported");
        if (parameters.Contains("request_uri")) return Fail("request_uri_not_supported", "request_uri is not supported");
        if (parameters["response_type"] is not { } type) return Fail("invalid_request", "response_type is missing");
        if (type != "code") return Fail("unsupported_response_type", "only code is supported");
        if (parameters["response_mode"] is not (null or "query")) return Fail("invalid_request", "only response_mode query is supported");

        // 2. PKCE for every client, S256 alone (RFC 9700 §2.1.1). A missing method would mean plain (RFC 7636 §4.3).
        if (parameters["code_challenge"] is not { } challenge || !ProofKey.IsChallenge(challenge)) return Fail("invalid_request", "code_challenge is missing or malformed");
        if (parameters["code_challenge_method"] != ProofKey.Method) return Fail("invalid_request", "code_challenge_method must be S256");

        // 3. The scope; without one all permissions of the client, and nothing of OpenID Connect.
        var scope = parameters["scope"] is { } wanted ? Scopes.Split(wanted) : [.. client.Permissions];
        if (!Scopes.MayAsk(client, scope)) return (null, Scopes.NotAllowed);

        // 4. Core §3.1.2.1: prompt is a list in which none stands alone. consent and select_account have nothing to choose from here.
        var prompt = Scopes.Split(parameters["prompt"] ?? string.Empty);
        if (prompt.Except(["none", "login", "consent", "select_account"], StringComparer.Ordinal).Any() || (prompt.Length > 1 && prompt.Contains("none")))
            return Fail("invalid_request", "prompt is not valid");

        TimeSpan? maximumAge = null;
        if (parameters["max_age"] is { } age)
        {
            if (!int.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return Fail("invalid_request", "max_age is not a number of seconds");
            maximumAge = TimeSpan.FromSeconds(seconds);
        }

        if (parameters["nonce"] is { Length: > LongestNonce }) return Fail("invalid_request", "nonce is too long");
        return (new AuthorizationRequest
        {
            Scope = scope,
            Challenge = challenge,
            Nonce = parameters["nonce"],
            IsSilent = prompt.Contains("none"),
            WantsSignIn = prompt.Contains("login") || prompt.Contains("select_account"),
            WantsSeveralFactors = Scopes.Split(parameters["acr_values"] ?? string.Empty).Contains(SeveralFactors.Method),
            MaximumAge = maximumAge,
        }, null);
    }

    private static (AuthorizationRequest? Request, OAuthError? Error) Fail(string error, string description) => (null, new OAuthError(error, description));
}
