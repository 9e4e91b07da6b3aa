namespace Portcullis.Control.Identity.Account;

/// <summary>Where the pages are. Some are part of the surface that others rely on; all are below one path, so that a proxy can treat them alike.</summary>
internal static class AccountPaths
{
    public const string Overview = "/account";
    public const string SignIn = "/account/sign-in";
    public const string SignInCode = "/account/sign-in/code";
    public const string SignInEnrol = "/account/sign-in/enrol";
    public const string SignInPassword = "/account/sign-in/password";
    public const string SignInPasskey = "/account/sign-in/passkey";
    public const string SignOut = "/account/sign-out";
    public const string Sessions = "/account/sessions";
    public const string EndSessions = "/account/sessions/end";
    public const string Factors = "/account/mfa";
    public const string App = "/account/mfa/app";
    public const string RemoveApp = "/account/mfa/app/remove";
    public const string Passkeys = "/account/passkeys";
    public const string RemovePasskey = "/account/passkeys/remove";
    public const string RecoveryCodes = "/account/recovery-codes";
    public const string Password = "/account/password";
}
