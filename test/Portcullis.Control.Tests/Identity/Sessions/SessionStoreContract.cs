using Portcullis.Control.Identity.Sessions;

namespace Portcullis.Control.Tests.Identity.Sessions;

/// <summary>What every store of sessions must do. A store's tests derive from it and open an empty store for each.</summary>
public abstract class SessionStoreContract
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>The empty store of this test, the same at each call.</summary>
    protected abstract ISessionStore Store { get; }

    /// <summary>The subject of a person whom the store takes sessions of; for <c>nobody</c> one whom it does not know.</summary>
    protected virtual string Subject(string name) => name;

    [Fact]
    public async Task What_was_added_is_found_as_it_was()
    {
        var session = New(Subject("maria"), 0) with { Methods = ["pwd", "otp", "mfa"], Device = "Firefox on Linux", Address = "2001:db8::7" };
        Assert.Empty((await Store.TryAddAsync(session, 5, None))!);

        var found = await Store.FindAsync(session.Id, None);
        Assert.NotNull(found);
        Assert.Equal(session.Methods, found.Methods);
        Assert.Equal(session, found with { Methods = session.Methods });
        Assert.Null(await Store.FindAsync(New(Subject("maria"), 0).Id, None));
    }

    [Fact]
    public async Task One_too_many_ends_the_oldest()
    {
        var sessions = Enumerable.Range(0, 5).Select(i => New(Subject("maria"), i)).ToList();
        foreach (var session in sessions.Take(3).Reverse()) Assert.Empty((await Store.TryAddAsync(session, 3, None))!);
        await Store.TryAddAsync(New(Subject("other"), -10), 3, None);

        Assert.Equal([Ended(sessions[0])], await Store.TryAddAsync(sessions[3], 3, None));
        Assert.Equal([Ended(sessions[1]), Ended(sessions[2])], await Store.TryAddAsync(sessions[4], 2, None));
        Assert.Equal([sessions[3].Id, sessions[4].Id], (await Store.ListAsync(Subject("maria"), None)).Select(session => session.Id));
        Assert.Single(await Store.ListAsync(Subject("other"), None));
    }

    [Fact]
    public async Task Many_begun_at_once_leave_no_more_than_are_allowed()
    {
        var ended = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => Store.TryAddAsync(New(Subject("maria"), i), 5, None))));

        Assert.Equal(5, (await Store.ListAsync(Subject("maria"), None)).Count);
        Assert.Equal(59, ended.SelectMany(ids => ids!).Distinct().Count());
    }

    [Fact]
    public async Task A_session_is_replaced_once_by_whoever_is_first()
    {
        var session = New(Subject("maria"), 0);
        await Store.TryAddAsync(session, 5, None);
        var successors = Enumerable.Range(0, 64).Select(_ => New(Subject("maria"), 0) with { Sid = session.Sid }).ToList();

        var replaced = await Task.WhenAll(successors.Select(successor => Task.Run(() => Store.TryReplaceAsync(session.Id, successor, None))));

        Assert.Single(replaced, success => success);
        Assert.Equal(successors[Array.IndexOf(replaced, true)].Id, Assert.Single(await Store.ListAsync(Subject("maria"), None)).Id);
        Assert.Null(await Store.FindAsync(session.Id, None));
    }

    [Fact]
    public async Task A_session_that_is_gone_or_of_somebody_else_is_not_replaced()
    {
        var session = New(Subject("maria"), 0);
        Assert.False(await Store.TryReplaceAsync(session.Id, New(Subject("maria"), 1), None));
        await Store.TryAddAsync(session, 5, None);
        Assert.False(await Store.TryReplaceAsync(session.Id, New(Subject("other"), 1) with { Sid = session.Sid }, None));
        Assert.False(await Store.TryReplaceAsync(session.Id, New(Subject("maria"), 1), None));

        Assert.NotNull(await Store.FindAsync(session.Id, None));
        Assert.Empty(await Store.ListAsync(Subject("other"), None));
    }

    [Fact]
    public async Task The_last_use_goes_forward_only()
    {
        var session = New(Subject("maria"), 0);
        await Store.TryAddAsync(session, 5, None);
        await Store.TouchAsync(session.Id, Start.AddMinutes(9), None);
        await Store.TouchAsync(session.Id, Start.AddMinutes(3), None);
        await Store.TouchAsync(New(Subject("maria"), 0).Id, Start, None);

        Assert.Equal(Start.AddMinutes(9), (await Store.FindAsync(session.Id, None))!.LastSeen);
        Assert.Single(await Store.ListAsync(Subject("maria"), None));
    }

    [Fact]
    public async Task A_use_does_not_bring_back_what_was_ended()
    {
        var session = New(Subject("maria"), 0);
        await Store.TryAddAsync(session, 5, None);
        Assert.True(await Store.EndAsync(session.Id, None));
        await Store.TouchAsync(session.Id, Start.AddMinutes(9), None);

        Assert.False(await Store.EndAsync(session.Id, None));
        Assert.Null(await Store.FindAsync(session.Id, None));
    }

    [Fact]
    public async Task All_end_but_one_and_nobody_elses()
    {
        var sessions = Enumerable.Range(0, 3).Select(i => New(Subject("maria"), i)).ToList();
        foreach (var session in sessions) await Store.TryAddAsync(session, 5, None);
        await Store.TryAddAsync(New(Subject("other"), 0), 5, None);

        var ended = await Store.EndAllAsync(Subject("maria"), sessions[1].Id, Start.AddHours(1), None);
        Assert.Equal(new[] { Ended(sessions[0]), Ended(sessions[2]) }.ToHashSet(), ended.ToHashSet());
        Assert.Equal(sessions[1].Id, Assert.Single(await Store.ListAsync(Subject("maria"), None)).Id);
        Assert.Single(await Store.ListAsync(Subject("other"), None));

        Assert.Equal([Ended(sessions[1])], await Store.EndAllAsync(Subject("maria"), null, Start.AddHours(2), None));
        Assert.Empty(await Store.EndAllAsync(Subject("nobody"), null, Start, None));
    }

    [Fact]
    public async Task A_sign_in_that_began_before_all_were_ended_comes_to_nothing()
    {
        await Store.EndAllAsync(Subject("maria"), null, Start.AddMinutes(10), None);

        Assert.Null(await Store.TryAddAsync(New(Subject("maria"), 20) with { AuthenticatedAt = Start.AddMinutes(9) }, 5, None));
        Assert.Empty(await Store.ListAsync(Subject("maria"), None));
        Assert.NotNull(await Store.TryAddAsync(New(Subject("maria"), 20) with { AuthenticatedAt = Start.AddMinutes(10) }, 5, None));
        Assert.NotNull(await Store.TryAddAsync(New(Subject("other"), 20) with { AuthenticatedAt = Start.AddMinutes(9) }, 5, None));
    }

    [Fact]
    public async Task Ending_all_while_many_begin_leaves_none_of_before()
    {
        var adding = Enumerable.Range(0, 64).Select(_ => Task.Run(() => Store.TryAddAsync(New(Subject("maria"), 0), 100, None))).ToList();
        await Store.EndAllAsync(Subject("maria"), null, Start.AddSeconds(1), None);
        await Task.WhenAll(adding);

        Assert.Empty(await Store.ListAsync(Subject("maria"), None));
    }

    [Fact]
    public async Task What_is_over_is_removed()
    {
        var (old, idle, live) = (New(Subject("maria"), 0) with { LastSeen = Start.AddMinutes(100) }, New(Subject("maria"), 60), New(Subject("maria"), 61) with { LastSeen = Start.AddMinutes(100) });
        foreach (var session in new[] { old, idle, live }) await Store.TryAddAsync(session, 5, None);

        Assert.Equal(2, await Store.RemoveAsync(Start.AddMinutes(1), Start.AddMinutes(90), None));
        Assert.Equal(live.Id, Assert.Single(await Store.ListAsync(Subject("maria"), None)).Id);
    }

    private static EndedSession Ended(Session session) => new(session.Id, session.Sid);

    internal static Session New(string subject, int minutes) => new()
    {
        Id = SessionCookie.IdOf(SessionCookie.Generate()),
        Sid = Guid.NewGuid().ToString("N"),
        Subject = subject,
        Created = Start.AddMinutes(minutes),
        LastSeen = Start.AddMinutes(minutes),
        AuthenticatedAt = Start.AddMinutes(minutes),
        Methods = ["pwd"],
        Device = "Firefox on Linux",
        Address = "192.0.2.1",
    };
}
