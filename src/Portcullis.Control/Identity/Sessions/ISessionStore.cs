namespace Portcullis.Control.Identity.Sessions;

/// <summary>Where sessions are kept. Every operation is atomic, also among nodes; the tests' <c>SessionStoreContract</c> says what each must do.</summary>
public interface ISessionStore
{
    /// <summary>
    /// Adds a session and ends the oldest of its subject (by <see cref="Session.Created"/>) until there are no more than <paramref name="mostOfSubject"/>. Returns those ended, or
    /// null where nothing was added: all sessions of the subject were ended since <see cref="Session.AuthenticatedAt"/>, so that a sign-in which began with the old
    /// password can't end up behind its change; or the subject is disabled or unknown.
    /// </summary>
    Task<IReadOnlyList<EndedSession>?> TryAddAsync(Session session, int mostOfSubject, CancellationToken cancellationToken);

    /// <summary>The session, or null.</summary>
    Task<Session?> FindAsync(SessionId id, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a session in the place of another one of the same subject and <see cref="Session.Sid"/>; false, and nothing changed, where that is gone. Of several at once one
    /// succeeds.
    /// </summary>
    Task<bool> TryReplaceAsync(SessionId former, Session session, CancellationToken cancellationToken);

    /// <summary>Sets when the session was last used; never back, and nothing where it is gone.</summary>
    Task TouchAsync(SessionId id, DateTimeOffset lastSeen, CancellationToken cancellationToken);

    /// <summary>Ends a session; false where it was gone.</summary>
    Task<bool> EndAsync(SessionId id, CancellationToken cancellationToken);

    /// <summary>Ends all sessions of a subject, but for one that is to stay, and lets none be added whose sign-in was before <paramref name="now"/>. Returns those ended.</summary>
    Task<IReadOnlyList<EndedSession>> EndAllAsync(string subject, SessionId? except, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The sessions of a subject, the oldest first, those that are over included.</summary>
    Task<IReadOnlyList<Session>> ListAsync(string subject, CancellationToken cancellationToken);

    /// <summary>Removes sessions that began before one time or were last used before the other. Returns how many.</summary>
    Task<int> RemoveAsync(DateTimeOffset createdBefore, DateTimeOffset lastSeenBefore, CancellationToken cancellationToken);
}
