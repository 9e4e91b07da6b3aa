using Portcullis.Control.Identity.Sessions;
using Portcullis.Control.Tests.Identity.People;
using Portcullis.Control.Tests.Storage;

namespace Portcullis.Control.Tests.Identity.Sessions;

/// <summary>The contract of session stores, kept by the database.</summary>
public abstract class SessionStoreTests(DatabaseKind kind) : SessionStoreContract, IAsyncLifetime
{
    private readonly Dictionary<string, string> subjects = new(StringComparer.Ordinal) { ["nobody"] = Guid.NewGuid().ToString("N") };
    private TestNode? node;

    protected override ISessionStore Store => node!.Stores.Sessions;

    public async ValueTask InitializeAsync()
    {
        node = await TestNode.StartAsync(kind);
        foreach (var name in new[] { "maria", "other" }) subjects[name] = await node.AddAsync(name);
    }

    public async ValueTask DisposeAsync()
    {
        await node!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_session_is_found_by_the_id_that_tokens_tell_as_long_as_it_lasts()
    {
        var session = New(Subject("maria"), 0);
        await Store.TryAddAsync(session, 5, default);
        var renewed = session with { Id = New(Subject("maria"), 0).Id, Methods = ["pwd", "otp", "mfa"], AuthenticatedAt = session.AuthenticatedAt.AddMinutes(1) };
        Assert.True(await Store.TryReplaceAsync(session.Id, renewed, default));

        var found = await node!.Other.Sessions.FindBySidAsync(session.Sid, default);
        Assert.Equal(renewed, found! with { Methods = renewed.Methods });
        Assert.Equal(renewed.Methods, found.Methods);
        await Store.EndAsync(renewed.Id, default);
        Assert.Null(await node.Other.Sessions.FindBySidAsync(session.Sid, default));
        Assert.Null(await node.Other.Sessions.FindBySidAsync("x", default));
    }

    [Fact]
    public async Task Sessions_are_for_people_alone()
    {
        Assert.Null(await Store.TryAddAsync(New(Subject("nobody"), 0), 5, default));
        Assert.Null(await Store.TryAddAsync(New("maria", 0), 5, default));
        Assert.Empty(await Store.ListAsync("maria", default));
        Assert.False(await Store.TryReplaceAsync(New("maria", 0).Id, New("maria", 0), default));
        Assert.Empty(await Store.EndAllAsync("maria", null, default, default));
    }

    [Fact]
    public async Task An_end_of_all_does_not_go_back()
    {
        var start = New(Subject("maria"), 0).Created;
        await Store.EndAllAsync(Subject("maria"), null, start.AddMinutes(10), default);
        await Store.EndAllAsync(Subject("maria"), null, start.AddMinutes(5), default);

        Assert.Null(await Store.TryAddAsync(New(Subject("maria"), 9), 5, default));
        Assert.NotNull(await Store.TryAddAsync(New(Subject("maria"), 10), 5, default));
    }

    [Fact]
    public async Task What_ends_is_told()
    {
        var sessions = Enumerable.Range(0, 4).Select(i => New(Subject("maria"), i)).ToList();
        foreach (var session in sessions.Take(3)) await Store.TryAddAsync(session, 3, default);
        await Store.TryAddAsync(sessions[3], 3, default);
        await Store.EndAsync(sessions[1].Id, default);
        await Store.EndAllAsync(Subject("maria"), sessions[3].Id, sessions[3].Created, default);

        Assert.Equal(
            sessions.Take(3).Select(session => session.Sid),
            await node!.Store.UseAsync(context => Task.FromResult(context.Changes.Where(change => change.Topic == "sessions").OrderBy(change => change.Id).Select(change => change.Key!).ToList())));
    }

    [Fact]
    public async Task Everybodys_are_listed_up_to_a_bound_and_the_idle_ones_of_many_people_removed()
    {
        foreach (var name in new[] { "maria", "other" })
        {
            for (var i = 0; i < 3; i++) await Store.TryAddAsync(New(Subject(name), i), 5, default);
        }

        Assert.Equal(6, (await node!.Stores.Sessions.ListAllAsync(100, default)).Count);
        Assert.Equal(5, (await node.Stores.Sessions.ListAllAsync(5, default)).Count);
        Assert.Equal(4, await Store.RemoveAsync(default, New(Subject("maria"), 2).Created, default));
        Assert.Equal(2, (await node.Stores.Sessions.ListAllAsync(100, default)).Count);
    }

    [Fact]
    public async Task Ending_beginning_and_removing_at_once_wait_for_each_other_in_one_order()
    {
        var start = New(Subject("maria"), 0).Created;
        for (var i = 0; i < 20; i++) await Store.TryAddAsync(New(Subject("maria"), i), 100, default);

        await node!.AtOnceAsync(async (stores, i) =>
        {
            switch (i % 4)
            {
                case 0: await stores.Sessions.TryAddAsync(New(Subject("maria"), 100 + i), 10, default); break;
                case 1: await stores.Sessions.RemoveAsync(start.AddMinutes(i), default, default); break;
                case 2: await stores.Sessions.EndAllAsync(Subject("maria"), null, start, default); break;
                default: await stores.Sessions.TryAddAsync(New(Subject("other"), 100 + i), 10, default); break;
            }

            return i;
        });

        Assert.InRange((await Store.ListAsync(Subject("other"), default)).Count, 1, 10);
    }

    protected override string Subject(string name) => subjects[name];
}
