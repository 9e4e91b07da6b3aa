using System.Reflection;
using System.Text;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Tests.Identity.Memory;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Identity.Roles;

/// <summary>Who is held against whose permissions.</summary>
public sealed class CallerLimitTests
{
    private static readonly TrustedIssuers Issuers = new("https://issuer.example", "api", []);

    private readonly TestEntitlements entitlements = new();

    [Fact]
    public void A_caller_that_has_all_of_it_stays_the_same_object()
    {
        entitlements.Set("ada", "orders:*", "bills:read");
        var caller = new Caller("ada", "app", ["orders:read", "bills:read"]);
        Assert.Same(caller, Callers.Limit(caller, null, entitlements));
    }

    [Fact]
    public void A_caller_keeps_what_subject_and_grantee_both_have()
    {
        entitlements.Set("ada", "orders:read", "orders:write");
        entitlements.Set("app", "orders:write", "orders:list");
        var limited = Callers.Limit(new Caller("ada", "app", ["orders:read", "orders:write", "orders:list"]), "app", entitlements);
        Assert.Equal("orders:write", limited.PermissionsHeader);
        Assert.Equal(("ada", "app", string.Empty), (limited.Subject, limited.ClientId, limited.Issuer));
    }

    [Fact]
    public void Roles_that_were_taken_back_are_told_to_no_upstream_even_where_their_permissions_stay()
    {
        var caller = new Caller("ada", "app", ["orders:read"]) { Roles = ["boss", "clerk"] };
        entitlements.SetRoles("ada", ["boss", "clerk", "late"], "orders:read");
        Assert.Same(caller, Callers.Limit(caller, null, entitlements));

        entitlements.SetRoles("ada", ["clerk"], "orders:read");
        var limited = Callers.Limit(caller, null, entitlements);
        Assert.Equal(["clerk"], limited.Roles);
        Assert.Equal("orders:read", limited.PermissionsHeader);

        // A token that is known: another caller, so that what was made for the former counts no more.
        var entry = new VerifiedTokens.Entry(caller, 1000, null!, JsonWebKeySet.Empty, Issuers, default);
        entitlements.SetRoles("ada", ["boss", "clerk"], "orders:read");
        Assert.Same(caller, entry.CallerNow(entitlements));
        entitlements.SetRoles("ada", [], "orders:read");
        Assert.Empty(entry.CallerNow(entitlements).Roles);
    }

    [Fact]
    public void A_caller_with_fewer_permissions_is_the_same_in_all_else()
    {
        var caller = new Caller("ada", "app", ["orders:read", "orders:write"])
        {
            Tenant = "north",
            Authentication = new AuthenticationEvent(DateTimeOffset.UnixEpoch, ["pwd"]),
            KeyId = "key",
            Roles = ["clerk"],
            SessionId = "session",
            GrantId = "grant",
            Expires = DateTimeOffset.UnixEpoch,
            IsBoundToCertificate = true,
            WouldHold = static _ => true,
        };
        var fresh = new Caller("ada", "app", []);
        var limited = caller.WithOnly(["orders:read"], caller.Roles);

        Assert.Equal("orders:read", limited.PermissionsHeader);
        foreach (var property in typeof(Caller).GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(property => property.SetMethod is not null))
        {
            // Whoever adds a property gives it a value above.
            Assert.NotEqual(property.GetValue(fresh), property.GetValue(caller));
            Assert.Equal(property.GetValue(caller), property.GetValue(limited));
        }
    }

    [Fact]
    public void Whoever_an_outside_issuer_vouches_for_is_not_held_against_people_of_ours_that_have_the_same_id()
    {
        entitlements.Set("ada");
        var outside = new Caller("ada", "app", ["orders:read"], "https://login.example");
        Assert.Same(outside, Callers.Limit(outside, null, entitlements));

        // The same behind a token exchange, where the issuer stands in the subject.
        var exchanged = new Caller("https://login.example ada", "edge", ["orders:read"]);
        Assert.Same(exchanged, Callers.Limit(exchanged, null, entitlements));
    }

    [Theory]
    [InlineData("orders:read orders:write", "pwd", "otp", "mfa")]
    [InlineData("orders:read orders:write", "hwk", "user", "mfa")]
    [InlineData("orders:read", "pwd")]
    [InlineData("orders:read", "pwd", "MFA", "mfa2")]
    [InlineData("orders:read")]
    public void A_person_has_what_their_sign_in_is_strong_enough_for(string expected, params string[] methods)
    {
        entitlements.SetPerson("ada", ["orders:read"], "orders:read", "orders:write");
        var caller = new Caller("ada", "app", ["orders:read", "orders:write"]) { Authentication = new AuthenticationEvent(DateTimeOffset.UnixEpoch, methods) };
        Assert.Equal(expected, Callers.Limit(caller, null, entitlements).PermissionsHeader);
    }

    [Fact]
    public void Who_does_not_say_how_they_signed_in_has_what_one_factor_gives()
    {
        entitlements.SetPerson("ada", ["orders:read"], "orders:write");
        Assert.Equal("orders:read", Callers.Limit(new Caller("ada", "edge", ["orders:read", "orders:write"]), null, entitlements).PermissionsHeader);
    }

    [Fact]
    public void What_a_second_factor_would_give_is_known_and_no_more_than_the_client_has()
    {
        entitlements.SetPerson("ada", ["orders:read"], "orders:write", "orders:approve");
        entitlements.Set("app", "orders:read", "orders:write");
        var limited = Callers.Limit(new Caller("ada", "app", ["orders:read"]), "app", entitlements);
        Assert.True(limited.WouldHold!("orders:write"));
        Assert.False(limited.WouldHold("orders:approve"));
        Assert.False(limited.WouldHold("orders:list"));
        Assert.Null(Callers.Limit(new Caller("ada", "app", ["orders:read"]) { Authentication = new AuthenticationEvent(DateTimeOffset.UnixEpoch, ["mfa"]) }, "app", entitlements).WouldHold);
    }

    [Fact]
    public void A_known_token_loses_what_becomes_a_matter_of_a_second_factor_and_allocates_nothing_otherwise()
    {
        entitlements.Set("ada", "orders:read", "orders:write");
        var entry = new VerifiedTokens.Entry(new Caller("ada", "app", ["orders:read", "orders:write"]), 1000, null!, JsonWebKeySet.Empty, Issuers, default);
        Assert.Equal("orders:read orders:write", entry.CallerNow(entitlements).PermissionsHeader);
        Assert.Null(entry.CallerNow(entitlements).WouldHold);

        entitlements.SetPerson("ada", ["orders:read"], "orders:write");
        Assert.Equal("orders:read", entry.CallerNow(entitlements).PermissionsHeader);
        Assert.True(entry.CallerNow(entitlements).WouldHold!("orders:write"));
        Assert.Equal(0, AllocatedBytes.PerOperation(() => entry.CallerNow(entitlements)));

        entitlements.SetPerson("ada", ["orders:read"], "orders:list");
        Assert.False(entry.CallerNow(entitlements).WouldHold!("orders:write"));
        entitlements.Set("ada", "orders:read");
        Assert.Null(entry.CallerNow(entitlements).WouldHold);
    }

    [Theory]
    [InlineData("""{"sub":"ada","client_id":"app","grant_id":"g"}""", "app")]
    [InlineData("""{"sub":"ada","client_id":"app"}""", null)]
    [InlineData("""{"sub":"app","client_id":"app","grant_id":"g"}""", null)]
    [InlineData("""{"sub":"ada","client_id":"edge","grant_id":"g","act":{"sub":"edge"}}""", null)]
    public void A_client_bounds_the_tokens_that_it_was_given_for_people_and_not_those_it_exchanged(string payload, string? grantee)
        => Assert.Equal(grantee, Callers.GranteeOf(Claims(payload)));

    [Fact]
    public void A_known_token_is_held_against_unchanged_permissions_without_allocation()
    {
        entitlements.Set("ada", "orders:read");
        var entry = new VerifiedTokens.Entry(new Caller("ada", "app", ["orders:read", "orders:write"]), 1000, null!, JsonWebKeySet.Empty, Issuers, default);
        Assert.Equal("orders:read", entry.CallerNow(entitlements).PermissionsHeader);
        Assert.Equal(0, AllocatedBytes.PerOperation(() => entry.CallerNow(entitlements)));
        Assert.Equal("orders:read orders:write", entry.CallerNow(null).PermissionsHeader);
    }

    private static TokenClaims Claims(string payload)
    {
        var text = string.Join('.', ((string[])["""{"alg":"ES256","typ":"at+jwt","kid":"k"}""", payload[..^1] + ""","iss":"https://issuer.example","aud":"api","exp":9999999999}""", "x"]).Select(part => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part))));
        Assert.True(UnverifiedToken.TryParse(Encoding.ASCII.GetBytes(text), out var token, out var cause), cause);
        return token.Claims;
    }
}
