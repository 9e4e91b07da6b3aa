using Portcullis.Control.Identity.Account.Views;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary>The sign-in and account pages, wired in plain sight.</summary>
/// <param name="services">What they work with, once the stores are open.</param>
public sealed class AccountPages(Func<Task<AccountServices>> services) : IBuiltInPages
{
    /// <inheritdoc/>
    public IReadOnlyList<BuiltInPage> Create(IdentityOptions identity)
    {
        var account = new AccountContext(identity, services);
        return
        [
            Both("(account)", AccountPaths.Overview, new OverviewPage(account)),
            Both("(sign-in)", AccountPaths.SignIn, new SignInPage(account)),
            Both("(sign-in-code)", AccountPaths.SignInCode, new SignInCodePage(account)),
            Both("(sign-in-enrol)", AccountPaths.SignInEnrol, new SignInEnrolPage(account)),
            Both("(sign-in-password)", AccountPaths.SignInPassword, new SignInPasswordPage(account)),
            Post("(sign-in-passkey)", AccountPaths.SignInPasskey, new SignInPasskeyPage(account)),
            Both("(sign-out)", AccountPaths.SignOut, new SignOutPage(account)),
            Get("(sessions)", AccountPaths.Sessions, new SessionsPage(account)),
            Post("(sessions-end)", AccountPaths.EndSessions, new EndSessionsPage(account)),
            Get("(mfa)", AccountPaths.Factors, new FactorsPage(account)),
            Both("(mfa-app)", AccountPaths.App, new AppPage(account)),
            Post("(mfa-app-remove)", AccountPaths.RemoveApp, new RemoveAppPage(account)),
            Both("(passkeys)", AccountPaths.Passkeys, new PasskeysPage(account)),
            Post("(passkeys-remove)", AccountPaths.RemovePasskey, new RemovePasskeyPage(account)),
            Both("(recovery-codes)", AccountPaths.RecoveryCodes, new RecoveryCodesPage(account)),
            Both("(password)", AccountPaths.Password, new PasswordPage(account)),
            Get("(account-style)", Assets.Style.Path, new AssetEndpoint(Assets.Style)),
            Get("(account-script)", Assets.Script.Path, new AssetEndpoint(Assets.Script)),
        ];
    }

    private static BuiltInPage Get(string name, string path, ITerminal terminal) => new(name, path, ["GET"], terminal);

    private static BuiltInPage Post(string name, string path, ITerminal terminal) => new(name, path, ["POST"], terminal);

    private static BuiltInPage Both(string name, string path, ITerminal terminal) => new(name, path, ["GET", "POST"], terminal);
}
