namespace Portcullis.Control.Identity.Sessions;

/// <summary>
/// Begins, finds, renews and ends sessions (OWASP ASVS 5, chapter 7; NIST SP 800-63B-4 §5). A session ends when it was not used for the idle time-out, at the absolute time-out
/// whatever happens, as the oldest when its person begins one too many, and on demand. Its id is new at each sign-in and step-up, so one that somebody planted or saw
/// before is worth nothing after. What is ended on this node ends at once, elsewhere within a second. Safe from any thread.
/// </summary>
public sealed class SessionRegistry(ISessionStore store, Func<SessionRules> current, TimeProvider clock)
{
    private const int LongestText = 100;

    private readonly SessionCache cache = new(clock);

    /// <summary>With rules that stay as they are.</summary>
    public SessionRegistry(ISessionStore store, SessionRules rules, TimeProvider clock)
        : this(store, () => rules, clock)
    {
    }

    /// <summary>
    /// Begins a session for somebody who has signed in. Null where all of their sessions were ended since <paramref name="authenticatedAt"/>: they have to sign in again.
    /// </summary>
    /// <param name="subject">Who signed in.</param>
    /// <param name="authenticatedAt">When the sign-in began, before the password was looked at.</param>
    /// <param name="methods">By what (<c>amr</c>).</param>
    /// <param name="device">The browser; see <see cref="DeviceLabel"/>.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="presented">The session cookie that the browser sent with the sign-in, if any: it ends, whoever's it was.</param>
    /// <param name="cancellationToken">Cancels the store.</param>
    public async Task<StartedSession?> StartAsync(
        string subject, DateTimeOffset authenticatedAt, IReadOnlyList<string> methods, string device, string address, string? presented, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        if (methods.Count == 0) throw new ArgumentException("A session begins by some method.", nameof(methods));
        if (presented is not null && SessionCookie.TryRead(presented, out var former)) await EndAsync(former, cancellationToken);

        var now = clock.GetUtcNow();
        var cookie = SessionCookie.Generate();
        var session = new Session
        {
            Id = SessionCookie.IdOf(cookie),
            Sid = Guid.NewGuid().ToString("N"),
            Subject = subject,
            Created = now,
            LastSeen = now,
            AuthenticatedAt = authenticatedAt,
            Methods = [.. methods],
            Device = Short(device),
            Address = Short(address),
        };
        if (await store.TryAddAsync(session, current().PerSubject, cancellationToken) is not { } ended) return null;
        foreach (var one in ended) cache.Forget(one.Id);
        return new StartedSession(session, cookie, ended);
    }

    /// <summary>The session of a cookie, or null: no cookie of ours, unknown, ended or over. A use that counts is kept to the minute.</summary>
    public async ValueTask<Session?> FindAsync(string? cookie, CancellationToken cancellationToken)
    {
        if (cookie is null || !SessionCookie.TryRead(cookie, out var id)) return null;
        var (now, rules) = (clock.GetUtcNow(), current());
        if (!cache.TryGet(id, out var session))
        {
            var asked = clock.GetTimestamp();
            session = await store.FindAsync(id, cancellationToken);
            if (session is null) return null;
            if (!rules.IsOver(session, now) && now - session.LastSeen >= rules.Grain)
            {
                await store.TouchAsync(id, now, cancellationToken);
                session = session with { LastSeen = now };
            }

            cache.Keep(session, asked);
        }

        if (!rules.IsOver(session, now)) return session;
        await EndAsync(id, cancellationToken);
        return null;
    }

    /// <summary>
    /// After a step-up: the same session under a new id, with the new method and time. Null where it has ended meanwhile, or another request renewed it first.
    /// </summary>
    public Task<StartedSession?> StepUpAsync(Session session, IReadOnlyList<string> methods, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return RenewAsync(session with { AuthenticatedAt = now, LastSeen = now, Methods = [.. session.Methods.Union(methods, StringComparer.Ordinal)] }, session.Id, cancellationToken);
    }

    /// <summary>After the person changed their password or factors in this session: it goes on under a new id, and every other one ends. Null where it has ended meanwhile.</summary>
    public async Task<StartedSession?> CredentialsChangedAsync(Session session, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var renewed = await RenewAsync(session with { LastSeen = now }, session.Id, cancellationToken);
        var ended = await EndAllAsync(session.Subject, renewed?.Session.Id, cancellationToken);
        return renewed is null ? null : renewed with { Ended = ended };
    }

    /// <summary>Ends one session; false where it was gone.</summary>
    public async Task<bool> EndAsync(SessionId id, CancellationToken cancellationToken)
    {
        var ended = await store.EndAsync(id, cancellationToken);
        cache.Forget(id);
        return ended;
    }

    /// <summary>Ends one session in the name of its owner: null, and nothing ended, where it is not theirs or gone.</summary>
    public async Task<EndedSession?> EndOwnAsync(string subject, SessionId id, CancellationToken cancellationToken)
        => await store.FindAsync(id, cancellationToken) is { } session && session.Subject == subject && await EndAsync(id, cancellationToken) ? new EndedSession(id, session.Sid) : null;

    /// <summary>Ends all sessions of a person, as when they are disabled, and those of sign-ins that are under way.</summary>
    public async Task<IReadOnlyList<EndedSession>> EndAllAsync(string subject, SessionId? except, CancellationToken cancellationToken)
    {
        var ended = await store.EndAllAsync(subject, except, clock.GetUtcNow(), cancellationToken);
        foreach (var one in ended) cache.Forget(one.Id);
        return ended;
    }

    /// <summary>The sessions of a person that are not over, the oldest first.</summary>
    public async Task<IReadOnlyList<Session>> ListAsync(string subject, CancellationToken cancellationToken)
        => [.. (await store.ListAsync(subject, cancellationToken)).Where(session => !current().IsOver(session, clock.GetUtcNow()))];

    /// <summary>Removes what is over from the store. Call it now and then.</summary>
    public Task<int> RemoveOverAsync(CancellationToken cancellationToken)
    {
        var (now, rules) = (clock.GetUtcNow(), current());
        return store.RemoveAsync(now - rules.AbsoluteTimeout, now - rules.IdleTimeout, cancellationToken);
    }

    private async Task<StartedSession?> RenewAsync(Session session, SessionId former, CancellationToken cancellationToken)
    {
        var cookie = SessionCookie.Generate();
        var renewed = session with { Id = SessionCookie.IdOf(cookie) };
        var replaced = await store.TryReplaceAsync(former, renewed, cancellationToken);
        cache.Forget(former);
        return replaced ? new StartedSession(renewed, cookie, []) : null;
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
