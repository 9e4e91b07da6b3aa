using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Who presents a credential, or why it is not accepted. <c>default</c>: there is none that counts.</summary>
internal readonly struct CredentialOutcome
{
    private CredentialOutcome(Caller? caller, RefusalCode? code, string? challenge, string? cause)
    {
        Caller = caller;
        Code = code;
        Challenge = challenge;
        Cause = cause;
    }

    /// <summary>The caller; null where the credential is not accepted.</summary>
    public Caller? Caller { get; }

    /// <summary>Why not; null where that is told as to somebody who presented nothing.</summary>
    public RefusalCode? Code { get; }

    /// <summary>What WWW-Authenticate says of it; null for nothing.</summary>
    public string? Challenge { get; }

    /// <summary>For logs only.</summary>
    public string? Cause { get; }

    public static CredentialOutcome Accept(Caller caller) => new(caller, null, null, null);

    /// <summary>What was presented identifies nobody, as a session that has ended: the client is asked as if it had presented nothing.</summary>
    public static CredentialOutcome Absent(string? cause) => new(null, null, null, cause);

    public static CredentialOutcome Refuse(RefusalCode code, string? cause, string? challenge = null) => new(null, code, challenge, cause);
}
