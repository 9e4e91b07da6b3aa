namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Ways to authenticate as configurations and records write them.</summary>
internal static class AuthenticationMethodNames
{
    /// <summary>The name; null for none. Allocates nothing.</summary>
    public static string? Of(AuthenticationMethod? method) => method switch
    {
        AuthenticationMethod.Token => "token",
        AuthenticationMethod.Session => "session",
        AuthenticationMethod.ApiKey => "apiKey",
        AuthenticationMethod.Certificate => "certificate",
        _ => null,
    };
}
