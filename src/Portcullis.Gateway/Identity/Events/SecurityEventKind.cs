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

    /// <summary>Somebody signed in, with all factors.</summary>
    SignedIn,

    /// <summary>Name and password, a code or a passkey were refused. The subject is told where it is known.</summary>
    SignInFailed,

    /// <summary>A sign-in was not looked at: too many attempts.</summary>
    SignInThrottled,

    /// <summary>Somebody who was signed in proved anew who they are.</summary>
    SteppedUp,

    /// <summary>Somebody signed out.</summary>
    SignedOut,

    /// <summary>Somebody ended another session of theirs, or all others.</summary>
    SessionEnded,

    /// <summary>A second factor was enrolled.</summary>
    FactorAdded,

    /// <summary>Its owner removed a second factor.</summary>
    FactorRemoved,

    /// <summary>Somebody changed their password.</summary>
    PasswordChanged,

    /// <summary>A new set of recovery codes took the place of the former one.</summary>
    RecoveryCodesRenewed,

    /// <summary>A recovery code stood in for a second factor.</summary>
    RecoveryCodeUsed,

    /// <summary>A one-time code came a second time: somebody looked over a shoulder, or a form was sent twice.</summary>
    OneTimeCodeReplayed,

    /// <summary>The counter of a passkey did not grow: there may be two of the authenticator. Nobody was signed in.</summary>
    PasskeyCounterStuck,

    /// <summary>A caller was let through to data of a sensitive class. No sign of an attack: the record of who had what, and what for.</summary>
    SensitiveAccess,
}
