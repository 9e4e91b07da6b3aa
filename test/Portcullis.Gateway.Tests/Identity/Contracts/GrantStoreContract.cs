using System.Security.Cryptography;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Trust.Tokens;
using Xunit;

namespace Portcullis.Gateway.Tests.Identity.Contracts;

/// <summary>What every <see cref="IGrantStore"/> must do; each implementation derives from this. The store is also the <see cref="IRevocationStore"/>.</summary>
public abstract class GrantStoreContract
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Two people, whom a store that knows people has.</summary>
    protected const string Ada = "0198f0a1c2d37e4f8a9b0c1d2e3f4a5b";

    /// <inheritdoc cref="Ada"/>
    protected const string Bob = "0198f0a1c2d37e4f8a9b0c1d2e3f4a5c";

    private static CancellationToken None => CancellationToken.None;

    /// <summary>An empty store; called once per test.</summary>
    protected abstract Task<IGrantStore> OpenAsync();

    /// <summary>The same data behind another instance, as on a second node; the same instance where there is no such thing.</summary>
    protected virtual Task<IGrantStore> OpenAgainAsync(IGrantStore first) => Task.FromResult(first);

    [Fact]
    public async Task Code_comes_back_as_it_was_given_and_counts_once()
    {
        var store = await OpenAsync();
        var code = Code();
        await store.AddCodeAsync(code, None);

        var first = await store.RedeemCodeAsync(code.Hash, Now, None);
        Assert.True(first.IsRedeemed);
        Assert.Equal((code.RedirectUri, code.Challenge, code.Nonce, code.ExpiresAt), (first.Code.RedirectUri, first.Code.Challenge, first.Code.Nonce, first.Code.ExpiresAt));
        var (given, kept) = (code.Grant, first.Code.Grant);
        Assert.Equal((given.Id, given.ClientId, given.Subject, given.SessionId, given.ExpiresAt), (kept.Id, kept.ClientId, kept.Subject, kept.SessionId, kept.ExpiresAt));
        Assert.Equal(given.Scope, kept.Scope);
        Assert.Equal(given.Authentication.At, kept.Authentication.At);
        Assert.Equal(given.Authentication.Methods, kept.Authentication.Methods);

        var second = await store.RedeemCodeAsync(code.Hash, Now.AddHours(2), None);
        Assert.Equal(CodeRedemptionOutcome.Replayed, second.Outcome);
        Assert.False(second.IsRedeemed);
        Assert.Equal(given.Id, second.Code!.Grant.Id);
    }

    [Fact]
    public async Task Code_is_worth_nothing_from_its_expiry_on()
    {
        var store = await OpenAsync();
        var code = Code();
        await store.AddCodeAsync(code, None);
        Assert.Equal(CodeRedemptionOutcome.Expired, (await store.RedeemCodeAsync(code.Hash, code.ExpiresAt, None)).Outcome);
        Assert.Equal(CodeRedemptionOutcome.Unknown, (await store.RedeemCodeAsync(Hash(), Now, None)).Outcome);
    }

    [Fact]
    public async Task Replayed_code_ends_its_grant_and_revokes_its_access_tokens()
    {
        var store = await OpenAsync();
        var (code, refresh) = (Code(), Hash());
        await store.AddCodeAsync(code, None);
        await store.RedeemCodeAsync(code.Hash, Now, None);
        Assert.True(await store.AddRefreshTokenAsync(code.Grant.Id, refresh, Now, None));
        await store.RedeemCodeAsync(code.Hash, Now, None);

        Assert.Equal(RefreshOutcome.Ended, (await store.RotateRefreshTokenAsync(Attempt(refresh), None)).Outcome);
        await AssertRevokedAsync(store, code.Grant.Id);
    }

    [Fact]
    public async Task Replay_before_the_refresh_token_is_there_leaves_none()
    {
        var store = await OpenAsync();
        var code = Code();
        await store.AddCodeAsync(code, None);
        await store.RedeemCodeAsync(code.Hash, Now, None);
        await store.RedeemCodeAsync(code.Hash, Now, None);
        Assert.False(await store.AddRefreshTokenAsync(code.Grant.Id, Hash(), Now, None));
    }

    [Fact]
    public async Task Of_many_who_redeem_one_code_at_once_one_succeeds()
    {
        var store = await OpenAsync();
        var other = await OpenAgainAsync(store);
        var code = Code();
        await store.AddCodeAsync(code, None);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () => (await (i % 2 == 0 ? store : other).RedeemCodeAsync(code.Hash, Now, None)).Outcome)));
        Assert.Single(outcomes, CodeRedemptionOutcome.Redeemed);
        Assert.Equal(31, outcomes.Count(outcome => outcome == CodeRedemptionOutcome.Replayed));
    }

    [Fact]
    public async Task Grant_has_one_first_refresh_token()
    {
        var (store, grant, _) = await WithRefreshTokenAsync();
        Assert.False(await store.AddRefreshTokenAsync(grant.Id, Hash(), Now, None));
        Assert.False(await store.AddRefreshTokenAsync("no such grant", Hash(), Now, None));
    }

    [Fact]
    public async Task Refresh_tokens_follow_each_other()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        for (var i = 0; i < 5; i++)
        {
            var attempt = Attempt(token);
            var decision = await store.RotateRefreshTokenAsync(attempt, None);
            Assert.Equal(RefreshOutcome.Rotated, decision.Outcome);
            Assert.Equal(grant.Id, decision.Grant!.Id);
            Assert.False((await store.FindRefreshTokenAsync(token, Now, None))!.IsUsable);
            token = attempt.SuccessorHash;
            Assert.True((await store.FindRefreshTokenAsync(token, Now, None))!.IsUsable);
        }
    }

    [Fact]
    public async Task Lost_reply_is_given_again_once_with_the_same_successor()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        var first = Attempt(token);
        await store.RotateRefreshTokenAsync(first, None);

        var again = await store.RotateRefreshTokenAsync(Attempt(token, Now + Grace), None);
        Assert.Equal(RefreshOutcome.Repeated, again.Outcome);
        Assert.Equal(first.SealedSuccessor.ToArray(), again.SealedSuccessor.ToArray());
        Assert.True((await store.FindRefreshTokenAsync(first.SuccessorHash, Now, None))!.IsUsable);

        var third = await store.RotateRefreshTokenAsync(Attempt(token, Now + Grace), None);
        Assert.Equal((RefreshOutcome.Replayed, grant.Id), (third.Outcome, third.Grant!.Id));
        Assert.False((await store.FindRefreshTokenAsync(first.SuccessorHash, Now, None))!.IsUsable);
        await AssertRevokedAsync(store, grant.Id);
    }

    [Fact]
    public async Task Spent_token_ends_the_grant_after_the_grace()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        await store.RotateRefreshTokenAsync(Attempt(token), None);
        var late = await store.RotateRefreshTokenAsync(Attempt(token, Now + Grace + TimeSpan.FromMilliseconds(1)), None);
        Assert.Equal(RefreshOutcome.Replayed, late.Outcome);
        Assert.True(late.SealedSuccessor.IsEmpty);
        await AssertRevokedAsync(store, grant.Id);
    }

    [Fact]
    public async Task Spent_token_ends_the_grant_when_it_comes_from_elsewhere()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        await store.RotateRefreshTokenAsync(Attempt(token), None);
        Assert.Equal(RefreshOutcome.Replayed, (await store.RotateRefreshTokenAsync(Attempt(token) with { Evidence = Hash() }, None)).Outcome);
        await AssertRevokedAsync(store, grant.Id);
    }

    [Fact]
    public async Task Spent_token_ends_the_grant_when_its_successor_has_been_used()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        var first = Attempt(token);
        await store.RotateRefreshTokenAsync(first, None);
        await store.RotateRefreshTokenAsync(Attempt(first.SuccessorHash), None);
        Assert.Equal(RefreshOutcome.Replayed, (await store.RotateRefreshTokenAsync(Attempt(token), None)).Outcome);
        await AssertRevokedAsync(store, grant.Id);
    }

    [Fact]
    public async Task Clock_that_goes_back_opens_no_grace()
    {
        var (store, _, token) = await WithRefreshTokenAsync();
        await store.RotateRefreshTokenAsync(Attempt(token), None);
        Assert.Equal(RefreshOutcome.Replayed, (await store.RotateRefreshTokenAsync(Attempt(token, Now.AddSeconds(-1)), None)).Outcome);
    }

    [Fact]
    public async Task Token_of_another_client_ends_the_grant()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        var foreign = await store.RotateRefreshTokenAsync(Attempt(token) with { ClientId = "thief" }, None);
        Assert.Equal((RefreshOutcome.WrongClient, grant.Id), (foreign.Outcome, foreign.Grant!.Id));
        Assert.Equal(RefreshOutcome.Ended, (await store.RotateRefreshTokenAsync(Attempt(token), None)).Outcome);
        await AssertRevokedAsync(store, grant.Id);
    }

    [Fact]
    public async Task Grant_ends_at_its_time_however_often_it_is_refreshed()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        var first = Attempt(token, grant.ExpiresAt.AddSeconds(-1));
        Assert.Equal(RefreshOutcome.Rotated, (await store.RotateRefreshTokenAsync(first, None)).Outcome);
        Assert.Equal(RefreshOutcome.Ended, (await store.RotateRefreshTokenAsync(Attempt(first.SuccessorHash, grant.ExpiresAt), None)).Outcome);
        Assert.False((await store.FindRefreshTokenAsync(first.SuccessorHash, grant.ExpiresAt, None))!.IsUsable);
    }

    [Fact]
    public async Task Ended_grant_stays_ended_and_unknown_tokens_are_unknown()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        Assert.True(await store.EndGrantAsync(grant.Id, Now, None));
        Assert.False(await store.EndGrantAsync(grant.Id, Now, None));
        Assert.False(await store.EndGrantAsync("no such grant", Now, None));
        Assert.Equal(RefreshOutcome.Ended, (await store.RotateRefreshTokenAsync(Attempt(token), None)).Outcome);
        Assert.Equal(default, await store.RotateRefreshTokenAsync(Attempt(Hash()), None));
        Assert.Null(await store.FindRefreshTokenAsync(Hash(), Now, None));
        await AssertRevokedAsync(store, grant.Id);
    }

    [Fact]
    public async Task All_grants_of_a_person_end_together_and_no_others()
    {
        var store = await OpenAsync();
        var (mine, also, other) = (Code(), Code(), Code(Bob));
        foreach (var code in new[] { mine, also, other }) await store.AddCodeAsync(code, None);
        Assert.Equal(2, await store.EndGrantsOfSubjectAsync(Ada, Now, None));
        Assert.Equal(0, await store.EndGrantsOfSubjectAsync(Ada, Now, None));
        Assert.NotEqual(CodeRedemptionOutcome.Redeemed, (await store.RedeemCodeAsync(mine.Hash, Now, None)).Outcome);
        Assert.Equal(CodeRedemptionOutcome.Redeemed, (await store.RedeemCodeAsync(other.Hash, Now, None)).Outcome);
        await AssertRevokedAsync(store, also.Grant.Id);
    }

    [Fact]
    public async Task Grants_of_one_session_end_with_it_and_those_that_last_longer_go_on()
    {
        var store = await OpenAsync();
        var (mine, lasting, elsewhere, other) = (Code(), Code(session: null), Code(session: "0198f0a1c2d37e4f8a9b0c1d2e3f4a5e"), Code(Bob));
        foreach (var code in new[] { mine, lasting, elsewhere, other }) Assert.True(await store.AddCodeAsync(code, None));

        Assert.Equal(1, await store.EndGrantsOfSessionAsync(Ada, mine.Grant.SessionId!, Now, None));
        Assert.Equal(0, await store.EndGrantsOfSessionAsync(Ada, mine.Grant.SessionId!, Now, None));
        Assert.Equal(0, await store.EndGrantsOfSessionAsync("nobody", mine.Grant.SessionId!, Now, None));
        Assert.NotEqual(CodeRedemptionOutcome.Redeemed, (await store.RedeemCodeAsync(mine.Hash, Now, None)).Outcome);
        foreach (var code in new[] { lasting, elsewhere, other }) Assert.Equal(CodeRedemptionOutcome.Redeemed, (await store.RedeemCodeAsync(code.Hash, Now, None)).Outcome);
        await AssertRevokedAsync(store, mine.Grant.Id);
    }

    [Fact]
    public async Task Sixty_four_uses_of_one_refresh_token_at_once_are_one_decision()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        var other = await OpenAgainAsync(store);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () => (await (i % 2 == 0 ? store : other).RotateRefreshTokenAsync(Attempt(token), None)).Outcome)));

        // One succeeds, one may have lost its reply, and the next is one too many: the grant has ended for all that follow.
        Assert.Single(outcomes, RefreshOutcome.Rotated);
        Assert.Single(outcomes, RefreshOutcome.Repeated);
        Assert.Single(outcomes, RefreshOutcome.Replayed);
        Assert.Equal(61, outcomes.Count(outcome => outcome == RefreshOutcome.Ended));
        await AssertRevokedAsync(store, grant.Id);
    }

    [Fact]
    public async Task Revocations_are_read_once_from_where_the_last_reading_ended()
    {
        var store = (IRevocationStore)await OpenAsync();
        Assert.Empty((await store.ReadAsync(0, None)).Revocations);
        var revocation = new Revocation(RevocationKind.Token, "t1", Now) { ClientId = "app" };
        await store.AddAsync(revocation, None);
        var first = await store.ReadAsync(0, None);
        Assert.Equal(revocation, Assert.Single(first.Revocations));
        await store.AddAsync(revocation with { Id = "t2" }, None);
        Assert.Contains((await store.ReadAsync(first.Cursor, None)).Revocations, one => one.Id == "t2");
    }

    private static async Task AssertRevokedAsync(IGrantStore store, string grantId)
    {
        var reading = await ((IRevocationStore)store).ReadAsync(0, None);
        var revocation = Assert.Single(reading.Revocations, one => one.Id == grantId);
        Assert.Equal(RevocationKind.Grant, revocation.Kind);
        Assert.Equal(Revocation.Longest, revocation.Until - revocation.At);
    }

    [Fact]
    public async Task Everything_is_there_after_the_store_is_opened_again()
    {
        var (store, grant, token) = await WithRefreshTokenAsync();
        var attempt = Attempt(token);
        await store.RotateRefreshTokenAsync(attempt, None);
        var code = Code(Bob);
        await store.AddCodeAsync(code, None);
        await store.RedeemCodeAsync(code.Hash, Now, None);
        var ended = Code(Bob);
        await store.AddCodeAsync(ended, None);
        await store.EndGrantAsync(ended.Grant.Id, Now, None);

        var again = await OpenAgainAsync(store);
        Assert.False((await again.FindRefreshTokenAsync(token, Now, None))!.IsUsable);
        var found = await again.FindRefreshTokenAsync(attempt.SuccessorHash, Now, None);
        Assert.True(found!.IsUsable);
        Assert.Equal((grant.Id, grant.ClientId, grant.Subject, grant.SessionId, grant.ExpiresAt), (found.Grant.Id, found.Grant.ClientId, found.Grant.Subject, found.Grant.SessionId, found.Grant.ExpiresAt));
        Assert.Equal(RefreshOutcome.Repeated, (await again.RotateRefreshTokenAsync(Attempt(token), None)).Outcome);
        Assert.Equal(CodeRedemptionOutcome.Replayed, (await again.RedeemCodeAsync(code.Hash, Now, None)).Outcome);
        Assert.Equal(CodeRedemptionOutcome.Expired, (await again.RedeemCodeAsync(ended.Hash, Now, None)).Outcome);
        await AssertRevokedAsync(again, ended.Grant.Id);
    }

    [Fact]
    public async Task End_and_refresh_at_once_leave_no_token_that_can_be_used()
    {
        for (var round = 0; round < 8; round++)
        {
            var (store, grant, token) = await WithRefreshTokenAsync();
            var other = await OpenAgainAsync(store);
            var attempts = Enumerable.Range(0, 8).Select(_ => Attempt(token)).ToArray();
            var ends = Task.Run(async () => await other.EndGrantAsync(grant.Id, Now, None));
            await Task.WhenAll(attempts.Select(attempt => Task.Run(async () => await store.RotateRefreshTokenAsync(attempt, None))));
            await ends;

            // Whoever ended it, it has ended, once.
            foreach (var attempt in attempts) Assert.False((await store.FindRefreshTokenAsync(attempt.SuccessorHash, Now, None))?.IsUsable ?? false);
            await AssertRevokedAsync(store, grant.Id);
        }
    }

    private static ReadOnlyMemory<byte> Hash() => RandomNumberGenerator.GetBytes(32);

    private static AuthorizationCode Code(string subject = Ada, string? session = "0198f0a1c2d37e4f8a9b0c1d2e3f4a5d") => new()
    {
        Hash = Hash(),
        Grant = new Grant
        {
            Id = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
            ClientId = "app",
            Subject = subject,
            Scope = ["openid", "orders:read"],
            Authentication = new AuthenticationEvent(Now.AddMinutes(-5), ["pwd", "otp"]),
            SessionId = session,
            ExpiresAt = Now.AddDays(30),
        },
        RedirectUri = "https://app.example/cb?x=1",
        Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        Nonce = "n-0S6_WzA2Mj",
        ExpiresAt = Now.AddSeconds(60),
    };

    private static RefreshAttempt Attempt(ReadOnlyMemory<byte> token, DateTimeOffset? now = null) => new()
    {
        PresentedHash = token,
        ClientId = "app",
        Evidence = new byte[] { 1, 2, 3 },
        SuccessorHash = Hash(),
        SealedSuccessor = RandomNumberGenerator.GetBytes(80),
        Now = now ?? Now,
        Grace = Grace,
    };

    private async Task<(IGrantStore Store, Grant Grant, ReadOnlyMemory<byte> Token)> WithRefreshTokenAsync()
    {
        var store = await OpenAsync();
        var (code, token) = (Code(), Hash());
        await store.AddCodeAsync(code, None);
        Assert.True((await store.RedeemCodeAsync(code.Hash, Now, None)).IsRedeemed);
        Assert.True(await store.AddRefreshTokenAsync(code.Grant.Id, token, Now, None));
        return (store, code.Grant, token);
    }
}
