using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>One way of a route to identify callers. Immutable, shared by all requests.</summary>
internal abstract class CredentialMethod
{
    public abstract AuthenticationMethod Method { get; }

    /// <summary>What WWW-Authenticate says to whoever presents nothing (RFC 9110 §11.6.1).</summary>
    public abstract string Challenge { get; }

    /// <summary>Whether the request has a credential of this kind, good or bad. Looks at nothing else.</summary>
    public abstract bool IsPresented(Exchange exchange);

    /// <summary>Judges the credential, which <see cref="IsPresented"/> has seen.</summary>
    public abstract ValueTask<CredentialOutcome> AuthenticateAsync(Exchange exchange);
}
