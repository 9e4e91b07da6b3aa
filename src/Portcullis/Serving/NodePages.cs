using Portcullis.Control.Identity.Account;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Passwords;
using Portcullis.Trust.Sealing;

namespace Portcullis.Serving;

/// <summary>What a node's sign-in and account pages work with, over its open stores.</summary>
internal sealed class NodePages : IDisposable
{
    private readonly PasswordHasher hasher;

    /// <param name="people">People and what is theirs.</param>
    /// <param name="factorRule">Who needs a second factor.</param>
    /// <param name="grants">Grants, which end with a changed password.</param>
    /// <param name="revocations">Revocations.</param>
    /// <param name="answered">What was answered or used before.</param>
    /// <param name="ring">The key ring.</param>
    /// <param name="passwords">What hashing costs; as the node was started.</param>
    /// <param name="sessions">When sessions are over, by the configuration as it is at the time.</param>
    /// <param name="events">Where security events go.</param>
    /// <param name="clock">The time.</param>
    public NodePages(
        PeopleStores people, FactorRule factorRule, IGrantStore grants, IRevocationStore revocations, IAssertionsSeen answered, KeyRing ring, PasswordOptions passwords, Func<SessionRules> sessions,
        ISecurityEvents events, TimeProvider clock)
    {
        hasher = new PasswordHasher(PasswordCost.Of(passwords.Iterations));
        var sealer = new Sealer(ring, KeyPurpose.Cookie);
        var throttle = new SignInThrottle(clock);
        var devices = new KnownDevices(sealer, clock);
        Account = new AccountServices
        {
            People = people.People,
            Factors = people.Factors,
            Passkeys = people.Passkeys,
            FactorRule = factorRule,
            Sessions = new SessionRegistry(people.Sessions, sessions, clock),
            Passwords = new PasswordSignIn(people.People, hasher, throttle, devices, clock),
            Hasher = hasher,
            Throttle = throttle,
            Devices = devices,
            Standing = new Standing(people.Sessions, grants, revocations, clock),
            Answered = answered,
            Sealer = sealer,
            Events = events,
            Clock = clock,
        };
    }

    /// <summary>For the pages.</summary>
    public AccountServices Account { get; }

    /// <inheritdoc/>
    public void Dispose() => hasher.Dispose();
}
