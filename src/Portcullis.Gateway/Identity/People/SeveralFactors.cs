using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.People;

/// <summary>Whether somebody signed in with several factors.</summary>
internal static class SeveralFactors
{
    /// <summary>The value of <c>amr</c> that tells of them (RFC 8176 §2), and of <c>acr_values</c> that asks for them (RFC 9470).</summary>
    public const string Method = "mfa";

    /// <summary>False also where nobody knows how they signed in.</summary>
    public static bool HasSeveralFactors(this AuthenticationEvent? authentication)
    {
        if (authentication is null) return false;
        var methods = authentication.Methods;
        for (var i = 0; i < methods.Count; i++)
        {
            if (methods[i] == Method) return true;
        }

        return false;
    }
}
