using System.Diagnostics.CodeAnalysis;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What a grant gives: tokens or an error. <c>default</c> is an error.</summary>
internal readonly struct GrantReply
{
    private readonly OAuthError? error;

    private GrantReply(TokenSet? tokens, Caller? caller, OAuthError? error)
    {
        Tokens = tokens;
        Caller = caller;
        this.error = error;
    }

    [MemberNotNullWhen(true, nameof(Tokens), nameof(Caller))]
    public bool IsGranted => Tokens is not null && Caller is not null;

    public TokenSet? Tokens { get; }

    /// <summary>For whom the tokens are, for the record.</summary>
    public Caller? Caller { get; }

    public OAuthError Error => error ?? OAuthError.InvalidGrant("no decision");

    public static GrantReply Give(TokenSet tokens, Caller caller) => new(tokens, caller, null);

    public static implicit operator GrantReply(OAuthError error) => new(null, null, error);
}
