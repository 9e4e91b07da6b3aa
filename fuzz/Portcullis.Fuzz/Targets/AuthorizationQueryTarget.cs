using System.Text;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Trust.Tokens;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The query of <c>/oauth/authorize</c>, as anybody may write it into a link: nothing throws, no parameter counts twice, and what is taken is within what the client may ask for.
/// </summary>
internal sealed class AuthorizationQueryTarget : IFuzzTarget
{
    private static readonly OAuthClient Client = new("web", default, ["orders:read", "orders:write"], IsDisabled: false)
    {
        Authentication = ClientAuthenticationMethod.None,
        Grants = [GrantNames.AuthorizationCode],
        RedirectUris = ["https://app.example/cb"],
    };

    public string Name => "authorization-query";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "&", "=", "%", "+", "%00", "%26", "%3D", "%20", ";", "response_type=code", "client_id=web", "redirect_uri=https%3A%2F%2Fapp.example%2Fcb", "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method=S256", "scope=openid", "scope=orders:read+profile", "state=", "nonce=", "prompt=none", "prompt=login+consent", "max_age=0", "max_age=-1", "max_age=99999999999", "request=", "request_uri=",
        "response_mode=query", "acr_values=", "\u00e9", "%C3%A9", "%ff",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var query = Encoding.UTF8.GetString(input);
        if (!OAuthParameters.TryReadQuery(query, out var parameters, out var malformed))
        {
            BrokenInvariantException.Unless(malformed is { Error: "invalid_request", Description.Length: > 0 }, "a refusal says why");
            return;
        }

        // Spelled plainly twice, it is there twice however the rest reads.
        foreach (var name in (string[])["client_id", "redirect_uri", "scope", "code_challenge"])
            BrokenInvariantException.Unless((query.StartsWith('?') ? query[1..] : query).Split('&').Count(pair => pair.StartsWith(name + "=", StringComparison.Ordinal)) <= 1, "no parameter counts twice");

        var (request, error) = AuthorizationRequest.Read(parameters, Client);
        BrokenInvariantException.Unless((request is null) != (error is null), "there is a request or an error");
        if (error is not null)
        {
            BrokenInvariantException.Unless(error.Description.All(character => character is >= ' ' and <= '~' and not '"' and not '\\'), "a description is of the characters of RFC 6749 §4.1.2.1");
            return;
        }

        BrokenInvariantException.Unless(ProofKey.IsChallenge(request!.Challenge) && parameters["code_challenge_method"] == "S256", "there is no request without PKCE");
        BrokenInvariantException.Unless(request.Scope.All(word => word is "openid" or "profile" or "email" or "offline_access" || Client.Permissions.Contains(word)), "nobody asks for more than the client may have");
        BrokenInvariantException.Unless(request.Scope.Distinct(StringComparer.Ordinal).Count() == request.Scope.Count, "a scope has each word once");
        BrokenInvariantException.Unless(request.Nonce is not { Length: > 256 } && request.MaximumAge is not { Ticks: < 0 }, "what is kept is bounded");
        BrokenInvariantException.Unless(!(request.IsSilent && request.WantsSignIn), "nobody is asked who may not be");
    }
}
