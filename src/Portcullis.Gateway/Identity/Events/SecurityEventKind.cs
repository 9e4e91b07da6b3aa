namespace Portcullis.Gateway.Identity.Events;

/// <summary>What happened. Names are stable: alerts match them.</summary>
public enum SecurityEventKind
{
    /// <summary>Never raised.</summary>
    None = 0,

    /// <summary>A code was presented a second time; its grant has ended.</summary>
    CodeReplayed,

    /// <summary>A code came with another client, redirect or verifier than it is bound to; its grant has ended.</summary>
    CodeMisused,

    /// <summary>A spent refresh token was presented again; its grant has ended.</summary>
    RefreshTokenReplayed,

    /// <summary>A refresh token was presented by another client; its grant has ended.</summary>
    RefreshTokenMisused,

    /// <summary>A client assertion was presented a second time.</summary>
    AssertionReplayed,

    /// <summary>A client asked to revoke a token of another client.</summary>
    ForeignRevocation,

    /// <summary>A client revoked one of its tokens, or a grant it had.</summary>
    TokenRevoked,

    /// <summary>One client, or all together, revoked more single tokens than are kept: all its tokens of before, or everybody's, have ended.</summary>
    RevocationsCollapsed,

    /// <summary>A caller was let through to data of a sensitive class. No sign of an attack: the record of who had what, and what for.</summary>
    SensitiveAccess,
}
