using Portcullis.Control.Identity.Sessions;

namespace Portcullis.Control.Tests.Identity.Sessions;

public sealed class SessionRegistryTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ManualTimeProvider clock = new();
    private readonly MemorySessionStore store = new();
    private readonly SessionRegistry registry;

    public SessionRegistryTests() => registry = Node();

    [Fact]
    public async Task A_session_is_found_by_its_cookie_and_by_nothing_else()
    {
        var started = await Start();
        var cookie = started.Cookie.Reveal();

        Assert.Equal("maria", (await registry.FindAsync(cookie, None))!.Subject);
        Assert.Null(await registry.FindAsync(started.Session.Id.ToString(), None));
        foreach (var other in new[] { null, "", cookie[..^1], cookie + "A", cookie.ToLowerInvariant() + " ", SessionCookie.Generate().Reveal(), new string('A', 43) })
            Assert.Null(await registry.FindAsync(other, None));
        Assert.DoesNotContain(cookie, $"{started} {started.Session}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_cookie_has_one_spelling()
    {
        var cookie = SessionCookie.Generate().Reveal();
        Assert.True(SessionCookie.TryRead(cookie, out var id));
        Assert.True(SessionId.TryParse(id.ToString(), out var again) && again == id);
        var last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        Assert.Equal(16, last.Count(character => SessionCookie.TryRead(cookie[..^1] + character, out _)));
        foreach (var wrong in new[] { "+", "/", "=", ";", "\0", "é", "Ａ" }) Assert.False(SessionCookie.TryRead(wrong + cookie[1..], out _));
        foreach (var wrong in new[] { "", new string('g', 64), new string('A', 64), new string(':', 64), new string('0', 63) }) Assert.False(SessionId.TryParse(wrong, out _));
    }

    [Fact]
    public async Task An_unused_session_ends_at_the_idle_time_out_and_a_used_one_goes_on()
    {
        var (used, unused) = (await Start(), await Start());
        for (var i = 0; i < 12; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(10));
            Assert.NotNull(await registry.FindAsync(used.Cookie.Reveal(), None));
        }

        Assert.Null(await registry.FindAsync(unused.Cookie.Reveal(), None));
        Assert.Null(await store.FindAsync(unused.Session.Id, None));
        clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Null(await registry.FindAsync(used.Cookie.Reveal(), None));
    }

    [Fact]
    public async Task A_session_ends_at_the_absolute_time_out_also_when_its_id_was_renewed()
    {
        var started = await Start();
        for (var i = 0; i < 71; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(10));
            var session = await registry.FindAsync(started.Cookie.Reveal(), None);
            started = (await registry.StepUpAsync(session!, ["otp"], None))!;
        }

        Assert.NotNull(await registry.FindAsync(started.Cookie.Reveal(), None));
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(await registry.FindAsync(started.Cookie.Reveal(), None));
    }

    [Fact]
    public async Task The_end_shows_in_the_very_moment_also_where_the_session_is_cached()
    {
        var started = await Start();
        clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(500));
        Assert.NotNull(await registry.FindAsync(started.Cookie.Reveal(), None));

        var other = await Start();
        clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromTicks(1));
        Assert.NotNull(await registry.FindAsync(other.Cookie.Reveal(), None));
        other = await Start();
        clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Null(await registry.FindAsync(other.Cookie.Reveal(), None));
    }

    [Fact]
    public async Task One_too_many_ends_the_oldest_at_once()
    {
        var sessions = new List<StartedSession>();
        for (var i = 0; i < 6; i++)
        {
            sessions.Add(await Start());
            Assert.NotNull(await registry.FindAsync(sessions[^1].Cookie.Reveal(), None));
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal([new EndedSession(sessions[0].Session.Id, sessions[0].Session.Sid)], sessions[5].Ended);
        Assert.Null(await registry.FindAsync(sessions[0].Cookie.Reveal(), None));
        Assert.Equal(5, (await registry.ListAsync("maria", None)).Count);
    }

    // Fixation: an id that somebody planted before sign-in is worth nothing after it.
    [Fact]
    public async Task A_cookie_that_was_there_before_sign_in_is_not_taken_over()
    {
        var planted = await Start("mallory");
        var started = await registry.StartAsync("maria", clock.GetUtcNow(), ["pwd"], "", "192.0.2.1", planted.Cookie.Reveal(), None);

        Assert.NotEqual(planted.Cookie.Reveal(), started!.Cookie.Reveal());
        Assert.Null(await registry.FindAsync(planted.Cookie.Reveal(), None));
        var made = SessionCookie.Generate().Reveal();
        started = await registry.StartAsync("maria", clock.GetUtcNow(), ["pwd"], "", "192.0.2.1", made, None);
        Assert.Null(await registry.FindAsync(made, None));
        Assert.NotNull(await registry.FindAsync(started!.Cookie.Reveal(), None));
    }

    [Fact]
    public async Task A_step_up_renews_the_id_and_says_when_and_by_what()
    {
        var started = await Start();
        clock.Advance(TimeSpan.FromMinutes(5));
        var stepped = await registry.StepUpAsync((await registry.FindAsync(started.Cookie.Reveal(), None))!, ["otp", "mfa"], None);

        Assert.Null(await registry.FindAsync(started.Cookie.Reveal(), None));
        var session = (await registry.FindAsync(stepped!.Cookie.Reveal(), None))!;
        Assert.Equal(["pwd", "otp", "mfa"], session.Methods);
        Assert.Equal((clock.GetUtcNow(), started.Session.Created), (session.AuthenticatedAt, session.Created));
    }

    [Fact]
    public async Task Of_two_step_ups_at_once_one_wins_and_a_session_that_ended_is_not_stepped_up()
    {
        var started = await Start();
        var session = (await registry.FindAsync(started.Cookie.Reveal(), None))!;
        var both = await Task.WhenAll(registry.StepUpAsync(session, ["otp"], None), Node().StepUpAsync(session, ["otp"], None));
        Assert.Single(both, result => result is not null);

        await registry.EndAllAsync("maria", null, None);
        Assert.Null(await registry.StepUpAsync(both.First(result => result is not null)!.Session, ["otp"], None));
        Assert.Empty(await registry.ListAsync("maria", None));
    }

    [Fact]
    public async Task A_changed_password_ends_every_other_session_and_renews_this_one()
    {
        var (here, there) = (await Start(), await Start());
        var renewed = await registry.CredentialsChangedAsync((await registry.FindAsync(here.Cookie.Reveal(), None))!, None);

        Assert.Equal([new EndedSession(there.Session.Id, there.Session.Sid)], renewed!.Ended);
        Assert.Null(await registry.FindAsync(here.Cookie.Reveal(), None));
        Assert.Null(await registry.FindAsync(there.Cookie.Reveal(), None));
        Assert.NotNull(await registry.FindAsync(renewed.Cookie.Reveal(), None));
    }

    [Fact]
    public async Task Who_signs_in_with_the_old_password_while_it_is_changed_gets_no_session()
    {
        var began = clock.GetUtcNow();
        clock.Advance(TimeSpan.FromMilliseconds(200));
        await registry.EndAllAsync("maria", null, None);

        Assert.Null(await registry.StartAsync("maria", began, ["pwd"], "", "192.0.2.1", null, None));
        Assert.NotNull(await Start());
    }

    [Fact]
    public async Task Nobody_ends_the_session_of_somebody_else()
    {
        var started = await Start();
        Assert.Null(await registry.EndOwnAsync("mallory", started.Session.Id, None));
        Assert.NotNull(await registry.FindAsync(started.Cookie.Reveal(), None));
        Assert.NotNull(await registry.EndOwnAsync("maria", started.Session.Id, None));
        Assert.Null(await registry.FindAsync(started.Cookie.Reveal(), None));
    }

    [Fact]
    public async Task What_another_node_ended_ends_here_within_a_second()
    {
        var started = await Start();
        var other = Node();
        Assert.NotNull(await other.FindAsync(started.Cookie.Reveal(), None));
        await registry.EndAsync(started.Session.Id, None);

        Assert.Null(await registry.FindAsync(started.Cookie.Reveal(), None));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await other.FindAsync(started.Cookie.Reveal(), None));
    }

    [Fact]
    public async Task The_store_is_asked_once_a_second_and_told_of_use_once_a_minute()
    {
        var started = await Start();
        for (var i = 0; i < 1200; i++)
        {
            Assert.NotNull(await registry.FindAsync(started.Cookie.Reveal(), None));
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(120, store.Finds);
        Assert.InRange(store.Touches, 1, 2);
    }

    [Fact]
    public void What_is_kept_of_sessions_is_bounded()
    {
        var cache = new SessionCache(clock);
        for (var i = 0; i < SessionCache.Capacity * 3; i++)
        {
            cache.Keep(SessionStoreContract.New("subject" + i, 0), clock.GetTimestamp());
            Assert.True(i % 1000 != 0 || cache.Count <= SessionCache.Capacity);
        }

        var last = SessionStoreContract.New("maria", 0);
        cache.Keep(last, clock.GetTimestamp());
        Assert.True(cache.TryGet(last.Id, out _));
        cache.Forget(last.Id);
        Assert.False(cache.TryGet(last.Id, out _));
    }

    [Fact]
    public async Task What_is_over_is_removed_from_the_store()
    {
        await Start();
        clock.Advance(TimeSpan.FromMinutes(20));
        await Start();
        clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Single(await registry.ListAsync("maria", None));
        Assert.Equal(1, await registry.RemoveOverAsync(None));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("curl/8.5.0", "curl")]
    [InlineData("<script>alert(1)</script>", "unknown browser")]
    [InlineData("", "unknown browser")]
    public void A_device_is_named_in_our_own_words(string agent, string label) => Assert.Equal(label, DeviceLabel.Of(agent));

    [Fact]
    public void The_cookie_is_one_that_only_this_host_sets_over_TLS()
    {
        Assert.StartsWith("__Host-", SessionCookie.Name);
        foreach (var attribute in new[] { "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax" }) Assert.Contains(attribute, SessionCookie.Attributes, StringComparison.Ordinal);
        Assert.DoesNotContain("Domain", SessionCookie.Attributes, StringComparison.OrdinalIgnoreCase);
    }

    private SessionRegistry Node() => new(store, new SessionRules(TimeSpan.FromMinutes(30), TimeSpan.FromHours(12), 5), clock);

    private async Task<StartedSession> Start(string subject = "maria")
        => (await registry.StartAsync(subject, clock.GetUtcNow(), ["pwd"], "Firefox on Linux", "192.0.2.1", null, None))!;
}
