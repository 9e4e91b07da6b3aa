using System.Net;
using Portcullis.Trust.Passwords;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// The first factor: name and password, throttled, in equal time and with an equal answer for unknown names, disabled people and wrong passwords. Safe from any thread.
/// </summary>
public sealed class PasswordSignIn(IPersonStore people, PasswordHasher hasher, SignInThrottle throttle, KnownDevices devices, TimeProvider clock)
{
    /// <summary>Judges a name and password.</summary>
    /// <param name="typedName">The name as it was typed.</param>
    /// <param name="typedPassword">The password as it was typed.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="deviceCookie">The value of <see cref="KnownDevices.CookieName"/>, if any.</param>
    /// <param name="cancellationToken">Ends waiting, not counting: an attempt that is given up counts as failed.</param>
    public async Task<SignInResult> TryAsync(string typedName, string typedPassword, IPAddress address, string? deviceCookie, CancellationToken cancellationToken)
    {
        // 1. The person. A name that is none goes the same way as one that nobody has.
        var isName = SignInName.TryRead(typedName, out var name);
        name ??= typedName;
        var person = await people.FindByNameAsync(isName ? name : string.Empty, cancellationToken);

        // 2. An attempt, before the password is looked at. A device cookie is opened in any case.
        var device = devices.Find(deviceCookie, name, person?.DevicesSince ?? DateTimeOffset.MaxValue);
        var permit = throttle.BeginPassword(name, address, device);
        if (!permit.IsPermitted) return new SignInResult { Outcome = SignInOutcome.Throttled, RetryAfter = permit.RetryAfter, Device = device };

        // 3. The password, or the same work for nothing.
        Password.Read(typedPassword, out var password);
        var stored = person is { IsDisabled: false } ? person.PasswordHash : null;
        var check = await hasher.VerifyAsync(password, stored, cancellationToken);
        if (check == PasswordCheck.Busy)
        {
            throttle.Return(permit);
            return new SignInResult { Outcome = SignInOutcome.Busy };
        }

        if (person is null || check is not (PasswordCheck.Right or PasswordCheck.RightButStale)) return new SignInResult { Device = device };

        // A temporary password that lay around for too long; the attempt counts as failed.
        if (person.PasswordTemporaryUntil <= clock.GetUtcNow()) return new SignInResult { Outcome = SignInOutcome.Expired, Device = device };

        // 4. A hash of another cost is replaced while the password is at hand. Where there is no time for it, the next sign-in does it.
        if (check == PasswordCheck.RightButStale && await hasher.HashAsync(password!, cancellationToken) is { } renewed)
            await people.TryReplaceHashAsync(person.Id, stored!, renewed, cancellationToken);

        // 5. The attempt stays taken until the sign-in is complete: a password without the second factor is half a guess.
        return new SignInResult
        {
            Outcome = person.HasSecondFactor ? SignInOutcome.SecondFactorNeeded : SignInOutcome.Accepted,
            Person = person,
            Device = device,
            Permit = permit,
        };
    }

    /// <summary>After the last factor: the attempt no longer counts as failed. Returns the cookie that makes the browser a known device.</summary>
    public string Complete(SignInResult result)
    {
        var person = result.Person ?? throw new InvalidOperationException("Nobody is signed in by a refused attempt.");
        throttle.Succeeded(result.Permit);
        return devices.Issue(person.Name);
    }
}
