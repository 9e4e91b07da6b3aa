namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>What a route asks of a sign-in beyond that there was one.</summary>
public enum RequiredFactor
{
    /// <summary>Whatever the sign-in was.</summary>
    Any,

    /// <summary>Several factors (<c>mfa</c> in <c>amr</c>, RFC 8176).</summary>
    Mfa,
}
