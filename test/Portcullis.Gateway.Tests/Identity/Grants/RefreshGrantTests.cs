using System.Net;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Grants;

namespace Portcullis.Gateway.Tests.Identity.Grants;

/// <summary>Refresh tokens: used once, bound to their client, ended as a family.</summary>
public sealed class RefreshGrantTests : IAsyncLifetime
{
    private CodeFlow flow = null!;

    public async ValueTask InitializeAsync() => flow = await CodeFlow.StartAsync();

    public ValueTask DisposeAsync() => flow.DisposeAsync();

    [Fact]
    public async Task Each_refresh_gives_new_tokens_of_the_same_grant()
    {
        var reply = await flow.SignInAsync();
        var seen = new HashSet<string> { reply.Access, reply.Refresh };
        for (var i = 0; i < 3; i++)
        {
            reply = await flow.RefreshAsync(reply.Refresh);
            Assert.Equal(200, reply.Status);
            Assert.True(seen.Add(reply.Access) && seen.Add(reply.Refresh));
            Assert.True(await flow.IsActiveAsync(reply.Access));
            Assert.NotEmpty(reply.Text("id_token"));
        }

        Assert.Empty(flow.Gateway.Events.All);
    }

    [Fact]
    public async Task Lost_reply_is_given_again_with_the_same_refresh_token_once()
    {
        var first = await flow.SignInAsync();
        var lost = await flow.RefreshAsync(first.Refresh);
        var again = await flow.RefreshAsync(first.Refresh);
        Assert.Equal(lost.Refresh, again.Refresh);
        Assert.NotEqual(lost.Access, again.Access);
        Assert.Empty(flow.Gateway.Events.All);

        var next = await flow.RefreshAsync(again.Refresh);
        Assert.Equal(200, next.Status);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(first.Refresh)).Error);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(next.Refresh)).Error);
        Assert.Equal([SecurityEventKind.RefreshTokenReplayed], flow.Gateway.Events.Kinds);
    }

    [Fact]
    public async Task Spent_token_presented_later_ends_the_family_and_its_access_tokens()
    {
        var first = await flow.SignInAsync();
        var second = await flow.RefreshAsync(first.Refresh);
        flow.Clock.Advance(RefreshTokenGrant.Grace);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(first.Refresh)).Error);

        Assert.Equal("invalid_grant", (await flow.RefreshAsync(second.Refresh)).Error);
        Assert.False(await flow.IsActiveAsync(first.Access));
        Assert.False(await flow.IsActiveAsync(second.Access));
        var raised = Assert.Single(flow.Gateway.Events.All);
        Assert.Equal((SecurityEventKind.RefreshTokenReplayed, "app", "ada"), (raised.Kind, raised.ClientId, raised.Subject));
    }

    [Fact]
    public async Task Refresh_token_of_another_client_ends_the_family()
    {
        var (_, secret) = flow.Gateway.Clients.Add("other", CodeFlow.Registered, "orders:read");
        var mine = await flow.SignInAsync();
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(mine.Refresh, ("client_id", "other"), ("client_secret", secret))).Error);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(mine.Refresh)).Error);
        Assert.False(await flow.IsActiveAsync(mine.Access));
        Assert.Equal([SecurityEventKind.RefreshTokenMisused], flow.Gateway.Events.Kinds);
    }

    [Fact]
    public async Task Scope_can_be_narrowed_for_a_token_but_never_widened()
    {
        var first = await flow.SignInAsync();
        var wider = await flow.RefreshAsync(first.Refresh, ("scope", "orders:read orders:list"));
        Assert.Equal("invalid_scope", wider.Error);

        // Nothing was spent by that.
        var narrow = await flow.RefreshAsync(first.Refresh, ("scope", "orders:read"));
        Assert.Equal("orders:read", narrow.Text("scope"));
        Assert.Equal("openid profile email orders:read", (await flow.RefreshAsync(narrow.Refresh)).Text("scope"));
    }

    [Fact]
    public async Task Permission_that_was_taken_away_is_gone_at_the_next_refresh()
    {
        var first = await flow.SignInAsync();
        flow.Gateway.People.Add("ada");
        Assert.Equal("openid profile email", (await flow.RefreshAsync(first.Refresh)).Text("scope"));
    }

    [Fact]
    public async Task Disabled_person_and_disabled_client_get_nothing()
    {
        var first = await flow.SignInAsync();
        flow.Gateway.People.Disable("ada");
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(first.Refresh)).Error);
        flow.Gateway.Clients.Disable("app");
        Assert.Equal("invalid_client", (await flow.RefreshAsync(first.Refresh)).Error);
    }

    [Fact]
    public async Task Grant_ends_thirty_days_after_sign_in_however_often_it_is_refreshed()
    {
        var reply = await flow.SignInAsync();
        for (var day = 0; day < 29; day++)
        {
            flow.Clock.Advance(TimeSpan.FromDays(1));
            reply = await flow.RefreshAsync(reply.Refresh);
            Assert.Equal(200, reply.Status);
        }

        flow.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(reply.Refresh)).Error);
    }

    [Theory]
    [InlineData("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("nonsense")]
    public async Task Unknown_token_is_refused_and_no_event(string token)
    {
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(token)).Error);
        Assert.Equal("invalid_request", (await flow.RefreshAsync(string.Empty)).Error);
        Assert.Empty(flow.Gateway.Events.All);
    }

    // The endpoint limits requests by address, so the grant is asked itself.
    [Fact]
    public async Task Sixty_four_refreshes_at_once_give_two_replies_with_one_successor_and_end_the_family()
    {
        var first = await flow.SignInAsync();
        var state = flow.Gateway.Host.State;
        var identity = flow.Gateway.Host.Options!.Identity!;
        var ending = new GrantEnding(flow.Gateway.Grants, state.RevocationFeed, flow.Gateway.Events, flow.Clock);
        var grant = new RefreshTokenGrant(flow.Gateway.Grants, ending, new PersonTokens(new AccessTokenIssuer(state.Keys, identity, flow.Clock), flow.Gateway.People), flow.Clock);
        var client = (await flow.Gateway.Clients.FindAsync("app", CancellationToken.None))!;
        var form = new OAuthParameters([new("refresh_token", first.Refresh)]);

        var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await grant.RedeemAsync(new GrantRequest(client, form, IPAddress.Loopback, "r", CancellationToken.None)))));

        var granted = replies.Where(reply => reply.IsGranted).ToList();
        Assert.Equal(2, granted.Count);
        Assert.Single(granted.Select(reply => reply.Tokens!.Refresh!.Reveal()).Distinct());
        Assert.Equal([SecurityEventKind.RefreshTokenReplayed], flow.Gateway.Events.Kinds);
        foreach (var reply in granted) Assert.False(await flow.IsActiveAsync(reply.Tokens!.Access.Token));
    }

    [Fact]
    public async Task Lost_reply_is_not_given_again_at_another_address()
    {
        var first = await flow.SignInAsync();
        var state = flow.Gateway.Host.State;
        var ending = new GrantEnding(flow.Gateway.Grants, state.RevocationFeed, flow.Gateway.Events, flow.Clock);
        var tokens = new PersonTokens(new AccessTokenIssuer(state.Keys, flow.Gateway.Host.Options!.Identity!, flow.Clock), flow.Gateway.People);
        var grant = new RefreshTokenGrant(flow.Gateway.Grants, ending, tokens, flow.Clock);
        var client = (await flow.Gateway.Clients.FindAsync("app", CancellationToken.None))!;

        Assert.True((await From("2001:db8:0:1::1", first.Refresh)).IsGranted);
        Assert.True((await From("2001:db8:0:1:ffff::2", first.Refresh)).IsGranted);
        var second = await flow.SignInAsync();
        Assert.True((await From("192.0.2.1", second.Refresh)).IsGranted);
        Assert.False((await From("192.0.2.2", second.Refresh)).IsGranted);
        Assert.Equal([SecurityEventKind.RefreshTokenReplayed], flow.Gateway.Events.Kinds);

        ValueTask<GrantReply> From(string address, string token)
            => grant.RedeemAsync(new GrantRequest(client, new OAuthParameters([new("refresh_token", token)]), IPAddress.Parse(address), "r", CancellationToken.None));
    }
}
