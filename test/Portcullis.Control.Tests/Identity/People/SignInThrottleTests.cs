using System.Net;
using Portcullis.Control.Identity.People;

namespace Portcullis.Control.Tests.Identity.People;

/// <summary>Simulated attacks. The numbers that docs/people.md states are the bounds here.</summary>
public sealed class SignInThrottleTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly SignInThrottle throttle;

    public SignInThrottleTests() => throttle = new SignInThrottle(clock);

    [Fact]
    public void Ten_thousand_addresses_get_ten_guesses_at_one_account_and_few_more_however_long_they_go_on()
    {
        Assert.Equal(10, Enumerable.Range(0, 10_000).Count(i => Guess("maria", Address(i))));
        Assert.InRange(Attack(TimeSpan.FromDays(1), i => Guess("maria", Address(i))), 10, 30);
        Assert.InRange(Attack(TimeSpan.FromDays(27), i => Guess("maria", Address(i))), 100, 180);
    }

    [Fact]
    public void An_attacker_who_waits_until_all_is_forgotten_gains_little_by_it()
    {
        var guesses = 0;
        for (var day = 0; day < 28; day++)
        {
            // Once a day, all at once.
            guesses += Enumerable.Range(0, 1000).Count(i => Guess("maria", Address(i)));
            clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.InRange(guesses, 28, 300);
    }

    [Fact]
    public void One_address_gets_few_guesses_over_ten_thousand_accounts()
    {
        Assert.Equal(20, Enumerable.Range(0, 10_000).Count(i => Guess("account" + i, Address(1))));
        Assert.InRange(Attack(TimeSpan.FromDays(1), i => Guess("account" + i, Address(1))), 100, 400);
    }

    [Fact]
    public void One_address_gets_five_guesses_at_one_account_and_can_not_use_the_account_up_for_others()
    {
        Assert.Equal(5, Enumerable.Range(0, 1000).Count(_ => Guess("maria", Address(1))));
        Assert.True(Guess("maria", Address(2)));
    }

    [Fact]
    public void An_owner_with_a_known_device_signs_in_at_once_whatever_strangers_do()
    {
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            for (var i = 0; i < 20; i++) Guess("maria", Address((minute * 20) + i));
            // From the very address of an attacker, too, and after two slips of the finger.
            if (minute % 60 != 0) continue;
            Assert.True(throttle.BeginPassword("maria", Address(minute * 20), "device").IsPermitted);
            Assert.True(throttle.BeginPassword("maria", Address(minute * 20), "device").IsPermitted);
            var permit = throttle.BeginPassword("maria", Address(minute * 20), "device");
            Assert.True(permit is { IsPermitted: true, IsKnownDevice: true });
            throttle.Succeeded(permit);
            clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public void An_owner_on_a_new_device_waits_four_hours_at_most_once_an_attack_is_over()
    {
        Attack(TimeSpan.FromDays(10), i => Guess("maria", Address(i)));
        var permit = throttle.BeginPassword("maria", Address(70_000), null);
        Assert.True(permit.IsPermitted || permit.RetryAfter <= TimeSpan.FromHours(4));
        clock.Advance(permit.RetryAfter);
        Assert.True(Guess("maria", Address(70_000)));
    }

    [Fact]
    public void A_stolen_device_cookie_gives_a_lane_of_its_own_with_few_guesses_too()
    {
        Assert.Equal(10, Enumerable.Range(0, 1000).Count(i => throttle.BeginPassword("maria", Address(i), "stolen").IsPermitted));
        Assert.InRange(Attack(TimeSpan.FromDays(1), i => throttle.BeginPassword("maria", Address(i), "stolen").IsPermitted), 10, 120);
        Assert.True(throttle.BeginPassword("maria", Address(1), "other").IsPermitted);
        Assert.True(Guess("maria", Address(1)));
    }

    [Fact]
    public void Signing_in_to_an_account_of_ones_own_gives_no_guesses_at_others()
    {
        var guesses = 0;
        for (var i = 0; i < 1000; i++)
        {
            if (Guess("account" + i, Address(1))) guesses++;
            var own = throttle.BeginPassword("mallory", Address(1), null);
            if (own.IsPermitted) throttle.Succeeded(own);
        }

        Assert.InRange(guesses, 19, 20);
    }

    [Fact]
    public void Signing_in_costs_nothing_however_often()
    {
        for (var i = 0; i < 10_000; i++)
        {
            var permit = throttle.BeginPassword("maria", Address(1), null);
            Assert.True(permit.IsPermitted);
            throttle.Succeeded(permit);
        }
    }

    [Fact]
    public void Many_at_once_pass_no_more_than_one_after_another()
    {
        var permitted = 0;
        Parallel.For(0, 1000, i =>
        {
            if (Guess("maria", Address(i))) Interlocked.Increment(ref permitted);
        });
        Assert.Equal(10, permitted);
    }

    [Fact]
    public void An_account_that_does_not_exist_is_treated_like_one_that_does()
    {
        // The throttle knows no accounts: the same attempts get the same answers under any name.
        var (left, right) = (new SignInThrottle(clock), new SignInThrottle(clock));
        for (var i = 0; i < 200; i++)
        {
            var (known, unknown) = (left.BeginPassword("maria", Address(i % 30), null), right.BeginPassword("nobody", Address(i % 30), null));
            Assert.Equal((known.IsPermitted, known.RetryAfter), (unknown.IsPermitted, unknown.RetryAfter));
            clock.Advance(TimeSpan.FromSeconds(7));
        }
    }

    [Fact]
    public void A_refusal_says_when_to_come_again_and_then_it_is_so()
    {
        SignInPermit permit;
        while ((permit = throttle.BeginPassword("maria", Address(1), null)).IsPermitted)
        {
        }

        Assert.InRange(permit.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
        clock.Advance(permit.RetryAfter - TimeSpan.FromSeconds(1));
        Assert.False(Guess("maria", Address(1)));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(Guess("maria", Address(1)));
    }

    [Fact]
    public void A_site_with_all_the_addresses_of_IPv6_is_one_address()
    {
        Assert.Equal(20, Enumerable.Range(0, 1000).Count(i => Guess("account" + i, IPAddress.Parse($"2001:db8:1:2::{i:x}"))));
        Assert.True(Guess("maria", IPAddress.Parse("2001:db8:1:3::1")));
        Assert.Equal(20, Enumerable.Range(0, 100).Count(i => Guess("other" + i, i % 2 == 0 ? IPAddress.Parse("192.0.2.1") : IPAddress.Parse("::ffff:192.0.2.1"))));
    }

    [Fact]
    public void Codes_are_guessed_a_few_times_and_then_slowly()
    {
        Assert.Equal(5, Enumerable.Range(0, 1000).Count(_ => throttle.BeginCode("maria", null).IsPermitted));
        Assert.InRange(Attack(TimeSpan.FromDays(1), _ => throttle.BeginCode("maria", null).IsPermitted), 10, 45);
        Assert.True(throttle.BeginCode("maria", "device").IsPermitted);
    }

    // A name that splits differently into account and address must not meet another one's lane.
    [Fact]
    public void Names_of_any_kind_are_lanes_of_their_own()
    {
        foreach (var name in new[] { "", "a", "a\0", "A", new string('x', 1_000_000), "\uD800" })
            Assert.True(throttle.BeginPassword(name, Address(name.Length % 50), null).IsPermitted);
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => Guess(new string('x', 1_000_000) + "y", Address(60))) + 0);
    }

    [Fact]
    public void A_flood_of_addresses_does_not_wash_away_what_holds_an_attack_back()
    {
        var small = new SignInThrottle(clock, sets: 64);
        while (small.BeginPassword("maria", Address(1), null).IsPermitted)
        {
        }

        for (var i = 0; i < 9; i++) small.BeginPassword("maria", Address(100 + i), null);
        Assert.False(small.BeginPassword("maria", Address(99), null).IsPermitted);
        for (var i = 0; i < 50_000; i++) small.BeginPassword("account" + i, Address(1000 + i), null);

        Assert.False(small.BeginPassword("maria", Address(98), null).IsPermitted);
    }

    [Fact]
    public void After_a_reset_an_account_begins_anew()
    {
        for (var i = 0; i < 100; i++) Guess("maria", Address(i));
        Assert.False(Guess("maria", Address(200)));
        throttle.Forget("maria");
        Assert.True(Guess("maria", Address(200)));
    }

    [Fact]
    public void The_zero_value_permits_nothing_and_giving_it_back_gives_nothing()
    {
        Assert.False(default(SignInPermit).IsPermitted);
        throttle.Return(default);
        throttle.Succeeded(default);
        while (Guess("maria", Address(1)))
        {
        }

        throttle.Succeeded(throttle.BeginPassword("maria", Address(1), null));
        Assert.False(Guess("maria", Address(1)));
    }

    private bool Guess(string account, IPAddress address) => throttle.BeginPassword(account, address, null).IsPermitted;

    // Tries each minute, from ever new addresses where the attack has them.
    private int Attack(TimeSpan time, Func<int, bool> guess)
    {
        var guesses = 0;
        for (var minute = 0; minute < (int)time.TotalMinutes; minute++)
        {
            for (var i = 0; i < 4; i++)
            {
                if (guess((minute * 4) + i)) guesses++;
            }

            clock.Advance(TimeSpan.FromMinutes(1));
        }

        return guesses;
    }

    private static IPAddress Address(int number) => new([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
}
