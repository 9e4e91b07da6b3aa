using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Trust.Passwords;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Identity.Account;

/// <summary>What the sign-in and account pages work with. It lives as long as the process.</summary>
public sealed record AccountServices
{
    /// <summary>Who there is.</summary>
    public required IPersonStore People { get; init; }

    /// <summary>Generators of one-time codes, and recovery codes.</summary>
    public required ISecondFactors Factors { get; init; }

    /// <summary>Passkeys.</summary>
    public required IPasskeyStore Passkeys { get; init; }

    /// <summary>Who needs a second factor.</summary>
    public required FactorRule FactorRule { get; init; }

    /// <summary>Sessions.</summary>
    public required SessionRegistry Sessions { get; init; }

    /// <summary>The first factor.</summary>
    public required PasswordSignIn Passwords { get; init; }

    /// <summary>Hashes new passwords.</summary>
    public required PasswordHasher Hasher { get; init; }

    /// <summary>Holds guessing back; the same one as <see cref="Passwords"/> has.</summary>
    public required SignInThrottle Throttle { get; init; }

    /// <summary>Devices that people signed in from; the same ones as <see cref="Passwords"/> has.</summary>
    public required KnownDevices Devices { get; init; }

    /// <summary>Ends what a changed password ends.</summary>
    public required Standing Standing { get; init; }

    /// <summary>Remembers the challenges of passkeys that were answered, beside the assertions of clients: each counts once, on all nodes together.</summary>
    public required IAssertionsSeen Answered { get; init; }

    /// <summary>Seals what a browser keeps between two steps.</summary>
    public required Sealer Sealer { get; init; }

    /// <summary>Where security events go.</summary>
    public required ISecurityEvents Events { get; init; }

    /// <summary>Tells the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
