using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Keys;

public sealed class KeyRingRotationTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_new_signing_key_is_published_before_it_signs()
    {
        using var ring = Rings.Open(directory, clock);
        var old = ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Id;

        var successor = ring.Rotate(KeyPurpose.TokenSigning);

        Assert.Equal(KeyState.Pending, successor.State);
        Assert.Equal(old, ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Id);
        Assert.Equal([old, successor.Id], ring.Current.PublicKeys(KeyPurpose.TokenSigning).Keys.Select(key => key.Id));

        clock.Advance(Rings.Lead - TimeSpan.FromSeconds(1));
        Assert.False(ring.Advance());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(ring.Advance());
        Assert.Equal(successor.Id, ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Id);
    }

    [Fact]
    public void A_retired_key_verifies_until_its_last_token_has_expired()
    {
        using var ring = Rings.Open(directory, clock);
        var old = ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Id;
        ring.Rotate(KeyPurpose.TokenSigning);
        clock.Advance(Rings.Lead);
        var issuer = new TokenIssuer(ring, "https://gate", Rings.TokenLife, clock);
        var verifier = new TokenVerifier(new TokenRules { Issuer = "https://gate", Audiences = ["api"] }, clock);
        var last = issuer.Issue(Request());
        Assert.Equal(old, last.KeyId);
        ring.Advance();

        // To its last second, and through the clock skew, the token verifies.
        clock.Advance(Rings.TokenLife + TimeSpan.FromSeconds(29));
        ring.Advance();
        Assert.Equal(KeyState.Retired, ring.StateOf(old));
        Assert.True(verifier.Verify(last.Token, ring.Current.PublicKeys(KeyPurpose.TokenSigning)).IsValid);

        clock.Advance(KeyPolicy.RetirementMargin);
        Assert.True(ring.Advance());
        Assert.Equal(KeyState.Destroyed, ring.StateOf(old));
        Assert.Equal(TokenFailure.UnknownKey, verifier.Verify(last.Token, ring.Current.PublicKeys(KeyPurpose.TokenSigning)).Failure);
    }

    [Fact]
    public void Rotation_by_schedule_overlaps_and_never_leaves_a_gap()
    {
        using var ring = Rings.Open(directory, clock);
        var first = ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Id;

        clock.Advance(Rings.Period - Rings.Lead);
        Assert.True(ring.Advance());
        Assert.Equal(first, ring.Find(KeyPurpose.TokenSigning, KeyState.Active).Id);
        var second = ring.Find(KeyPurpose.TokenSigning, KeyState.Pending).Id;

        clock.Advance(Rings.Lead);
        Assert.True(ring.Advance());
        Assert.Equal(second, ring.Find(KeyPurpose.TokenSigning, KeyState.Active).Id);
        Assert.False(ring.Advance());
    }

    [Fact]
    public void A_machine_that_slept_for_years_wakes_with_one_active_key()
    {
        using var ring = Rings.Open(directory, clock);
        ring.Rotate(KeyPurpose.TokenSigning);
        clock.Advance(TimeSpan.FromDays(3000));

        while (ring.Advance())
            clock.Advance(Rings.Lead);

        ring.Find(KeyPurpose.TokenSigning, KeyState.Active);
        ring.Find(KeyPurpose.Data, KeyState.Active);
    }

    [Fact]
    public void A_retired_signing_key_keeps_no_private_half()
    {
        using var ring = Rings.Open(directory, clock);
        var old = ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!;
        ring.Rotate(KeyPurpose.TokenSigning, immediately: true);

        Assert.True(ring.Current.Keys.Single(key => key.Id == old.Id).Sealed.IsEmpty);
        Assert.False(old.TrySign("data"u8, new byte[64]));
    }

    [Fact]
    public void Commanding_rotation_twice_makes_one_successor()
    {
        using var ring = Rings.Open(directory, clock);

        Assert.Equal(ring.Rotate(KeyPurpose.Data).Id, ring.Rotate(KeyPurpose.Data).Id);
    }

    [Fact]
    public void Immediate_rotation_replaces_the_active_and_the_pending_key()
    {
        using var ring = Rings.Open(directory, clock);
        var pending = ring.Rotate(KeyPurpose.TokenSigning);

        var active = ring.Rotate(KeyPurpose.TokenSigning, immediately: true);

        Assert.Equal(active.Id, ring.Find(KeyPurpose.TokenSigning, KeyState.Active).Id);
        Assert.Equal(KeyState.Retired, ring.StateOf(pending.Id));
        Assert.Equal(3, ring.Current.PublicKeys(KeyPurpose.TokenSigning).Keys.Count);
    }

    [Fact]
    public void Another_algorithm_in_the_policy_replaces_the_key_with_overlap()
    {
        using (Rings.Open(directory, clock))
        {
        }

        using var ring = KeyRing.Open(directory.Keys, [KeyPolicy.ForTokens(KeyAlgorithm.RS256, Rings.TokenLife)], clock);
        Assert.Equal(KeyAlgorithm.ES256, ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Algorithm);
        Assert.Equal(2, ring.Current.PublicKeys(KeyPurpose.TokenSigning).Keys.Count);
        clock.Advance(Rings.Lead);
        ring.Advance();
        Assert.Equal(KeyAlgorithm.RS256, ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Algorithm);
    }

    [Fact]
    public void A_retired_data_key_is_never_destroyed_by_the_clock()
    {
        using var ring = Rings.Open(directory, clock);
        var old = ring.Find(KeyPurpose.Data, KeyState.Active).Id;
        ring.Rotate(KeyPurpose.Data, immediately: true);

        clock.Advance(TimeSpan.FromDays(80));
        ring.Advance();

        Assert.Equal(KeyState.Retired, ring.StateOf(old));
    }

    [Fact]
    public void What_a_destroyed_key_sealed_is_unreadable_for_good()
    {
        var context = SealingContext.Of("t");
        byte[] value;
        string old;
        using (var ring = Rings.Open(directory, clock))
        {
            var sealer = new Sealer(ring, KeyPurpose.Data);
            value = sealer.Seal("value"u8, context);
            old = ring.Find(KeyPurpose.Data, KeyState.Active).Id;
            Assert.Equal(DestroyOutcome.StillActive, ring.Destroy(old));
            ring.Rotate(KeyPurpose.Data, immediately: true);
            Assert.Equal(UnsealOutcome.Opened, sealer.Open(value, context, out _));

            Assert.Equal(DestroyOutcome.Destroyed, ring.Destroy(old));

            Assert.Equal(UnsealOutcome.UnknownKey, sealer.Open(value, context, out _));
            Assert.Equal(DestroyOutcome.AlreadyDestroyed, ring.Destroy(old));
            Assert.Equal(DestroyOutcome.NotFound, ring.Destroy("no such key"));
        }

        using var again = Rings.Open(directory, clock);
        Assert.Equal(UnsealOutcome.UnknownKey, new Sealer(again, KeyPurpose.Data).Open(value, context, out _));
        var grave = again.Current.Keys.Single(key => key.Id == old);
        Assert.Equal(KeyState.Destroyed, grave.State);
        Assert.True(grave.Sealed.IsEmpty && grave.PublicKey.IsEmpty);
    }

    [Fact]
    public void A_running_process_learns_of_a_change_by_reload()
    {
        using var node = Rings.Open(directory, clock);
        using var command = Rings.Open(directory, clock);
        Assert.Equal(new KeyRingReload(false, null), node.Reload());

        var active = command.Rotate(KeyPurpose.TokenSigning, immediately: true);

        Assert.Equal(new KeyRingReload(true, null), node.Reload());
        Assert.Equal(active.Id, node.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Id);
    }

    [Fact]
    public void Changes_of_two_processes_do_not_overwrite_each_other()
    {
        using var one = Rings.Open(directory, clock);
        using var other = Rings.Open(directory, clock);

        var first = one.Rotate(KeyPurpose.TokenSigning);
        var second = other.Rotate(KeyPurpose.Data);

        one.Reload();
        Assert.Equal(KeyState.Pending, one.StateOf(first.Id));
        Assert.Equal(KeyState.Pending, one.StateOf(second.Id));
    }

    [Fact]
    public void A_node_that_missed_a_rotation_learns_of_it_when_something_is_due()
    {
        using var node = Rings.Open(directory, clock);
        using var other = Rings.Open(directory, clock);
        var pending = other.Rotate(KeyPurpose.TokenSigning);
        node.Reload();
        clock.Advance(Rings.Lead);
        Assert.True(other.Advance());

        Assert.True(node.Advance());

        Assert.Equal(pending.Id, node.Current.FindSigningKey(KeyPurpose.TokenSigning)!.Id);
        Assert.Equal(other.Current.Keys.Count, node.Current.Keys.Count);
        Assert.False(node.Advance());
    }

    [Fact]
    public async Task Destroying_while_others_open_gives_outcomes_and_no_exceptions()
    {
        using var ring = Rings.Open(directory, clock);
        var sealer = new Sealer(ring, KeyPurpose.Data);
        var context = SealingContext.Of("t");
        for (var round = 0; round < 10; round++)
        {
            var envelope = sealer.Seal("value"u8, context);
            var old = ring.Find(KeyPurpose.Data, KeyState.Active).Id;
            ring.Rotate(KeyPurpose.Data, immediately: true);
            var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                UnsealOutcome outcome;
                while ((outcome = sealer.Open(envelope, context, out var value)) == UnsealOutcome.Opened)
                    Assert.Equal("value"u8.ToArray(), value);
                return outcome;
            })).ToList();
            ring.Destroy(old);
            Assert.All(await Task.WhenAll(readers), outcome => Assert.Equal(UnsealOutcome.UnknownKey, outcome));
        }
    }

    [Fact]
    public void Only_the_latest_destroyed_keys_are_remembered()
    {
        using var ring = KeyRing.Open(directory.Keys, [KeyPolicy.ForData()], clock);
        var policy = KeyPolicy.ForData();
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        var lifecycle = new KeyLifecycle([policy], new KeyFactory(wrapping));
        var state = ring.Current.State;
        for (var i = 0; i < 300; i++)
        {
            state = lifecycle.Rotate(state, KeyPurpose.Data, clock.GetUtcNow(), immediately: true);
            state = lifecycle.Destroy(state, state.Keys[^2].Id, clock.GetUtcNow()).State;
        }

        Assert.Equal(256, state.Keys.Count(key => key.State == KeyState.Destroyed));
        Assert.Equal(257, state.Keys.Length);
    }

    [Fact]
    public async Task Issuing_during_rotation_fails_no_token()
    {
        using var ring = Rings.Open(directory, clock);
        var issuer = new TokenIssuer(ring, "https://gate", Rings.TokenLife, clock);
        var verifier = new TokenVerifier(new TokenRules { Issuer = "https://gate", Audiences = ["api"] }, clock);
        using var stop = new CancellationTokenSource();
        var issuing = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var made = 0;
            do
            {
                var token = issuer.Issue(Request()).Token;
                Assert.True(verifier.Verify(token, ring.Current.PublicKeys(KeyPurpose.TokenSigning)).IsValid);
                made++;
            }
            while (!stop.IsCancellationRequested);
            return made;
        })).ToList();

        for (var i = 0; i < 20; i++)
            ring.Rotate(KeyPurpose.TokenSigning, immediately: true);
        await stop.CancelAsync();

        Assert.All(await Task.WhenAll(issuing), made => Assert.True(made > 0));
    }

    private static AccessTokenRequest Request() =>
        new() { Subject = "svc", ClientId = "svc", Audience = ["api"], Lifetime = Rings.TokenLife };
}
