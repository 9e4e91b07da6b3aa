using System.Net;
using Portcullis.Control.Identity.People;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Passwords;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Tests.Identity.People;

public sealed class PasswordSignInTests : IDisposable
{
    private const string Right = "correct horse battery";

    private static readonly IPAddress home = IPAddress.Parse("192.0.2.1");
    private static readonly CancellationToken none = CancellationToken.None;

    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();
    private readonly KeyRing ring;
    private readonly PasswordHasher hasher = new(PasswordCost.Unsafe(1000));
    private readonly Kept people = new();
    private readonly PasswordSignIn signIn;

    public PasswordSignInTests()
    {
        ring = KeyRing.Open(directory.At("keys"), [KeyPolicy.ForCookies(KnownDevices.Life)], clock);
        signIn = new PasswordSignIn(people, hasher, new SignInThrottle(clock), new KnownDevices(new Sealer(ring, KeyPurpose.Cookie), clock), clock);
    }

    public void Dispose()
    {
        hasher.Dispose();
        ring.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task The_right_password_is_accepted_whatever_the_case_of_the_name()
    {
        await AddAsync("maria");
        foreach (var typed in new[] { "maria", " Maria ", "MARIA" })
        {
            var result = await signIn.TryAsync(typed, Right, home, null, none);
            Assert.Equal((SignInOutcome.Accepted, "id-maria"), (result.Outcome, result.Person?.Id));
            signIn.Complete(result);
        }
    }

    [Fact]
    public async Task All_that_is_wrong_gets_one_answer()
    {
        await AddAsync("maria");
        await AddAsync("off", person => person with { IsDisabled = true });
        await AddAsync("passkeys", person => person with { PasswordHash = null });
        var results = new List<SignInResult>();
        foreach (var (name, password) in new[] { ("maria", "wrong password"), ("nobody", Right), ("off", Right), ("passkeys", Right), ("", Right), ("mаria", Right), ("maria", ""), ("maria", new string('x', 100_000)), ("maria", "half \ufffd") })
            results.Add(await signIn.TryAsync(name, password, IPAddress.Parse($"192.0.2.{results.Count + 1}"), null, none));

        Assert.All(results, result => Assert.Equal(default, result));
        Assert.Throws<InvalidOperationException>(() => signIn.Complete(results[0]));
    }

    [Fact]
    public async Task A_second_factor_must_follow_where_there_is_one_and_half_a_sign_in_counts_as_a_failure()
    {
        await AddAsync("maria", person => person with { HasSecondFactor = true });
        for (var i = 0; i < 5; i++) Assert.Equal(SignInOutcome.SecondFactorNeeded, (await signIn.TryAsync("maria", Right, home, null, none)).Outcome);

        Assert.Equal(SignInOutcome.Throttled, (await signIn.TryAsync("maria", Right, home, null, none)).Outcome);
    }

    [Fact]
    public async Task The_owner_with_a_device_cookie_signs_in_while_strangers_fail()
    {
        await AddAsync("maria");
        var cookie = signIn.Complete(await signIn.TryAsync("maria", Right, home, null, none));
        for (var i = 0; i < 100; i++) await signIn.TryAsync("maria", "wrong password", IPAddress.Parse($"198.51.100.{i}"), null, none);

        Assert.Equal(SignInOutcome.Throttled, (await signIn.TryAsync("maria", Right, home, null, none)).Outcome);
        var result = await signIn.TryAsync("maria", Right, home, cookie, none);
        Assert.Equal((SignInOutcome.Accepted, true), (result.Outcome, result.IsKnownDevice));
    }

    [Fact]
    public async Task A_device_cookie_of_before_the_password_was_changed_is_a_strangers()
    {
        await AddAsync("maria");
        var cookie = signIn.Complete(await signIn.TryAsync("maria", Right, home, null, none));
        clock.Advance(TimeSpan.FromSeconds(2));
        people.All["maria"] = people.All["maria"] with { DevicesSince = clock.GetUtcNow() };

        Assert.False((await signIn.TryAsync("maria", Right, home, cookie, none)).IsKnownDevice);
    }

    [Fact]
    public async Task A_hash_of_another_cost_is_replaced_at_sign_in_and_not_by_a_wrong_password()
    {
        await AddAsync("maria");
        using var former = new PasswordHasher(PasswordCost.Unsafe(500));
        Password.Read(Right, out var password);
        var stale = (await former.HashAsync(password!, none))!;
        people.All["maria"] = people.All["maria"] with { PasswordHash = stale };

        await signIn.TryAsync("maria", "wrong password", home, null, none);
        Assert.Equal(stale, people.All["maria"].PasswordHash);
        Assert.Equal(SignInOutcome.Accepted, (await signIn.TryAsync("maria", Right, home, null, none)).Outcome);
        Assert.StartsWith("$pbkdf2-sha512$i=1000$", people.All["maria"].PasswordHash);
        Assert.Equal(SignInOutcome.Accepted, (await signIn.TryAsync("maria", Right, home, null, none)).Outcome);
    }

    [Fact]
    public async Task A_temporary_password_counts_until_its_time_is_over_and_then_like_a_wrong_one()
    {
        var until = clock.GetUtcNow().AddDays(7);
        await AddAsync("maria", person => person with { PasswordTemporaryUntil = until });
        Assert.Equal(SignInOutcome.Accepted, (await signIn.TryAsync("maria", Right, home, null, none)).Outcome);

        clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(SignInOutcome.Refused, (await signIn.TryAsync("maria", "wrong password here", home, null, none)).Outcome);
        var outcomes = new List<SignInResult>();
        for (var i = 0; i < 6; i++) outcomes.Add(await signIn.TryAsync("maria", Right, home, null, none));
        Assert.Equal(SignInOutcome.Expired, outcomes[0].Outcome);
        Assert.Null(outcomes[0].Person);
        Assert.Equal(SignInOutcome.Throttled, outcomes[^1].Outcome);
    }

    [Fact]
    public async Task A_busy_gateway_counts_no_failure()
    {
        await AddAsync("maria");
        using var slow = new PasswordHasher(PasswordCost.Unsafe(300_000), concurrency: 1);
        var throttle = new SignInThrottle(clock);
        var busy = new PasswordSignIn(people, slow, throttle, new KnownDevices(new Sealer(ring, KeyPurpose.Cookie), clock), clock);
        using var enough = new CancellationTokenSource();
        var full = Enumerable.Range(0, 33).Select(_ => slow.VerifyAsync(null, null, enough.Token)).ToList();

        for (var i = 0; i < 10; i++) Assert.Equal(SignInOutcome.Busy, (await busy.TryAsync("maria", "x", home, null, none)).Outcome);
        Assert.Equal(5, Enumerable.Range(0, 10).Count(_ => throttle.BeginPassword("maria", home, null).IsPermitted));

        // Those that still wait need not be done.
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(full).WithPatience());
    }

    [Theory]
    [InlineData("Maria.Hofer+api@Example.com", "maria.hofer+api@example.com")]
    [InlineData(" x ", "x")]
    [InlineData("", null)]
    [InlineData("mаria", null)]
    [InlineData("maria\u200b", null)]
    [InlineData("maria hofer", null)]
    [InlineData("maria\0", null)]
    [InlineData("\u212A", null)]
    public void A_name_has_one_spelling_and_no_lookalikes(string typed, string? name)
    {
        Assert.Equal(name is not null, SignInName.TryRead(typed, out var read));
        Assert.Equal(name, read);
        Assert.False(SignInName.TryRead(new string('x', 255), out _));
    }

    private async Task AddAsync(string name, Func<Person, Person>? change = null)
    {
        Password.Read(Right, out var password);
        var person = new Person { Id = "id-" + name, Name = name, PasswordHash = await hasher.HashAsync(password!, none) };
        people.All[name] = change?.Invoke(person) ?? person;
    }

    private sealed class Kept : IPersonStore
    {
        public Dictionary<string, Person> All { get; } = new(StringComparer.Ordinal);

        public Task<Person?> FindByNameAsync(string name, CancellationToken cancellationToken) => Task.FromResult(All.GetValueOrDefault(name));

        public Task<bool> TryReplaceHashAsync(string id, string expected, string replacement, CancellationToken cancellationToken)
        {
            var person = All.Values.Single(person => person.Id == id);
            if (person.PasswordHash != expected) return Task.FromResult(false);
            All[person.Name] = person with { PasswordHash = replacement };
            return Task.FromResult(true);
        }

        // What signing in does not need.
        public Task<Person?> FindByIdAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Person>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> TryAddAsync(NewPerson person, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> TrySetTenantAsync(string id, string? tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> TrySetPasswordAsync(string id, string? expectedHash, string hash, DateTimeOffset? temporaryUntil, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> SetDisabledAsync(string id, bool isDisabled, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
