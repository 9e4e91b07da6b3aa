namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What a scope may say: permissions, and the words of OpenID Connect (Core §5.4, §11).</summary>
internal static class Scopes
{
    public const string OpenId = "openid";
    public const string Profile = "profile";
    public const string Email = "email";

    /// <summary>Taken and without effect: whether a client gets refresh tokens is decided when it is registered.</summary>
    public const string OfflineAccess = "offline_access";

    /// <summary>Those that are no permissions.</summary>
    public static IReadOnlyList<string> OfOpenId { get; } = [OpenId, Profile, Email, OfflineAccess];

    public static OAuthError NotAllowed { get; } = new("invalid_scope", "the client may not have that scope");

    /// <summary>The words, each once.</summary>
    public static string[] Split(string scope) => [.. scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a client may ask a person for all of these.</summary>
    public static bool MayAsk(OAuthClient client, IEnumerable<string> words) => words.All(word => OfOpenId.Contains(word) || client.Permissions.Contains(word));

    /// <summary>The permissions among the words that the client has now, and the person by what they signed in with.</summary>
    public static string[] Permitted(OAuthClient client, IReadOnlyCollection<string> ofPerson, IEnumerable<string> words)
        => [.. words.Where(word => !OfOpenId.Contains(word) && client.Permissions.Contains(word) && ofPerson.Contains(word))];
}
