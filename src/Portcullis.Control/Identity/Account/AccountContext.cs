using System.Net;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Passwords;

namespace Portcullis.Control.Identity.Account;

/// <summary>What the pages of one configuration share.</summary>
internal sealed class AccountContext
{
    private readonly Func<Task<AccountServices>> services;

    public AccountContext(IdentityOptions identity, Func<Task<AccountServices>> services)
    {
        this.services = services;
        var issuer = new Uri(identity.Issuer);
        ServiceName = issuer.IdnHost;
        PasswordRules = new PasswordRules(identity.Passwords.MinimumLength, [issuer.Host, .. identity.Passwords.ServiceWords]);

        // WebAuthn §5.1.2: a relying party's id is a domain, never an address.
        if (!IPAddress.TryParse(issuer.Host.Trim('[', ']'), out _)) Passkeys = new PasskeyCeremonies(issuer);
    }

    /// <summary>How the service calls itself: the issuer's host.</summary>
    public string ServiceName { get; }

    /// <summary>What new passwords must be.</summary>
    public PasswordRules PasswordRules { get; }

    /// <summary>Passkeys; null where the issuer is an address, which can have none.</summary>
    public PasskeyCeremonies? Passkeys { get; }

    /// <summary>The stores, once they are open.</summary>
    public Task<AccountServices> ServicesAsync() => services();
}
