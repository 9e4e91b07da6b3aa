using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// Ends what a person has by former sign-ins: sessions, grants with their tokens, and for who is disabled every access token. The one place that knows what that is. Call it
/// after the change that it follows from: a sign-in that began before the change then comes to nothing. Each part can be done again, so who was stopped on the way
/// repeats the whole. Safe from any thread.
/// </summary>
public sealed class Standing(ISessionStore sessions, IGrantStore grants, IRevocationStore revocations, TimeProvider clock)
{
    /// <summary>Ends it. What ends here ends on other nodes within a second.</summary>
    /// <param name="subject">Whose.</param>
    /// <param name="why">What happened.</param>
    /// <param name="except">The session in which it happened, which goes on; null: all end. Refused for who is disabled.</param>
    /// <param name="cancellationToken">Cancels the wait; what was done by then stays done.</param>
    /// <exception cref="Storage.StoreException">The database can't be written.</exception>
    public async Task EndAsync(string subject, StandingEnd why, SessionId? except, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        if (!Enum.IsDefined(why) || why == StandingEnd.None) throw new ArgumentOutOfRangeException(nameof(why), why, "What ends a standing has a reason.");
        if (why == StandingEnd.Disabled && except is not null) throw new ArgumentException("Who is disabled keeps no session.", nameof(except));

        // Sessions first: as long as one is there it begins new grants.
        var now = clock.GetUtcNow();
        await sessions.EndAllAsync(subject, except, now, cancellationToken).ConfigureAwait(false);
        await grants.EndGrantsOfSubjectAsync(subject, now, cancellationToken).ConfigureAwait(false);
        if (why == StandingEnd.Disabled) await revocations.AddAsync(new Revocation(RevocationKind.Subject, subject, now), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends what came of sessions that somebody has ended: the grants begun in them, but for those that were asked to last (<c>offline_access</c>), and every token that tells
    /// the session. Not for one that merely grew old: what was granted in it has a time of its own.
    /// </summary>
    /// <param name="subject">Whose.</param>
    /// <param name="ended">Which: they are gone already, so that nothing new begins in them.</param>
    /// <param name="cancellationToken">Cancels the wait; what was done by then stays done.</param>
    /// <exception cref="Storage.StoreException">The database can't be written.</exception>
    public async Task EndTokensAsync(string subject, IReadOnlyList<EndedSession> ended, CancellationToken cancellationToken)
    {
        foreach (var session in ended)
        {
            var now = clock.GetUtcNow();
            await grants.EndGrantsOfSessionAsync(subject, session.Sid, now, cancellationToken).ConfigureAwait(false);
            await revocations.AddAsync(new Revocation(RevocationKind.Session, session.Sid, now), cancellationToken).ConfigureAwait(false);
        }
    }
}
