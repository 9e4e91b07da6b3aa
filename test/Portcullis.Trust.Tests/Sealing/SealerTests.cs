using System.Collections.Concurrent;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Sealing;

public sealed class SealerTests : IDisposable
{
    private static readonly SealingContext here = SealingContext.Of("users", "email", "1");

    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();
    private readonly KeyRing ring;
    private readonly Sealer sealer;

    public SealerTests()
    {
        ring = Rings.Open(directory, clock);
        sealer = new Sealer(ring, KeyPurpose.Data);
    }

    public void Dispose()
    {
        ring.Dispose();
        directory.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void What_was_sealed_opens(int size)
    {
        var plaintext = new byte[size];
        Random.Shared.NextBytes(plaintext);

        Assert.Equal(UnsealOutcome.Opened, sealer.Open(sealer.Seal(plaintext, here), here, out var opened));
        Assert.Equal(plaintext, opened);
    }

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        var envelope = sealer.Seal("alice@example.com"u8, here);
        for (var i = 0; i < envelope.Length; i++)
        {
            var changed = (byte[])envelope.Clone();
            changed[i] ^= 0x01;
            var outcome = sealer.Open(changed, here, out var opened);
            Assert.Equal(i == 0 ? UnsealOutcome.Malformed : i < 9 ? UnsealOutcome.UnknownKey : UnsealOutcome.Tampered, outcome);
            Assert.Null(opened);
        }
    }

    [Fact]
    public void Every_truncation_and_extension_is_noticed()
    {
        byte[] envelope = [.. sealer.Seal("alice@example.com"u8, here), 0];
        for (var length = 0; length <= envelope.Length; length++)
            Assert.Equal(length == envelope.Length - 1, sealer.Open(envelope.AsSpan(0, length), here, out _) == UnsealOutcome.Opened);
    }

    [Fact]
    public void A_value_opens_only_in_its_own_place()
    {
        var envelope = sealer.Seal("alice@example.com"u8, here);
        Assert.Equal(UnsealOutcome.Tampered, sealer.Open(envelope, SealingContext.Of("users", "email", "2"), out _));
        Assert.Equal(UnsealOutcome.Tampered, sealer.Open(envelope, SealingContext.Of("users", "name", "1"), out _));
    }

    [Fact]
    public void A_value_opens_only_for_its_own_purpose()
    {
        var envelope = sealer.Seal("state"u8, here);
        Assert.Equal(UnsealOutcome.UnknownKey, new Sealer(ring, KeyPurpose.Cookie).Open(envelope, here, out _));
        Assert.Throws<ArgumentException>(() => new Sealer(ring, KeyPurpose.TokenSigning));
    }

    [Fact]
    public void Values_are_stale_after_rotation_and_still_open()
    {
        var envelope = sealer.Seal("value"u8, here);
        Assert.False(sealer.IsStale(envelope));

        ring.Rotate(KeyPurpose.Data);
        Assert.False(sealer.IsStale(envelope));
        clock.Advance(Rings.Lead);
        ring.Advance();

        Assert.True(sealer.IsStale(envelope));
        Assert.Equal(UnsealOutcome.Opened, sealer.Open(envelope, here, out _));
        Assert.False(sealer.IsStale(sealer.Seal("value"u8, here)));
    }

    [Fact]
    public void A_node_that_has_not_activated_a_key_yet_opens_what_it_sealed()
    {
        using var early = Rings.Open(directory, clock);
        early.Rotate(KeyPurpose.Data);
        ring.Reload();
        clock.Advance(Rings.Lead);
        early.Advance();
        var envelope = new Sealer(early, KeyPurpose.Data).Seal("value"u8, here);

        Assert.Equal(UnsealOutcome.Opened, sealer.Open(envelope, here, out _));
    }

    [Fact]
    public void Threads_may_seal_and_open_at_once_and_no_nonce_repeats()
    {
        var nonces = new ConcurrentDictionary<string, bool>();
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var plaintext = BitConverter.GetBytes(i);
            var envelope = sealer.Seal(plaintext, here);
            Assert.True(nonces.TryAdd(Convert.ToHexString(envelope, 9, 12), true));
            Assert.Equal(UnsealOutcome.Opened, sealer.Open(envelope, here, out var opened));
            Assert.Equal(plaintext, opened);
        });
        Assert.Equal(SealingKey.Block, ring.Find(KeyPurpose.Data, KeyState.Active).Reserved);
    }

    [Fact]
    public void Every_message_is_covered_by_the_count_on_disk()
    {
        Assert.Equal(0, ring.Find(KeyPurpose.Data, KeyState.Active).Reserved);
        sealer.Seal("value"u8, here);

        // A second process seals under the same key: both reservations are in the file.
        using var other = Rings.Open(directory, clock);
        new Sealer(other, KeyPurpose.Data).Seal("value"u8, here);

        Assert.Equal(2 * SealingKey.Block, other.Find(KeyPurpose.Data, KeyState.Active).Reserved);
    }

    [Fact]
    public void A_key_never_seals_more_than_it_was_granted()
    {
        var allowance = new Grants(300, 200);
        using var key = new SealingKey(SealingKey.NewId(), KeyMaterial.Random(32), allowance);
        var made = 0;
        Parallel.For(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            Span<byte> envelope = stackalloc byte[Envelope.Overhead];
            if (key.TrySeal([], [], envelope))
                Interlocked.Increment(ref made);
        });
        Assert.Equal(500, made);
    }

    [Fact]
    public void The_last_messages_are_granted_and_then_none()
    {
        var id = ring.Find(KeyPurpose.Data, KeyState.Active).Id;
        var entry = ring.Find(KeyPurpose.Data, KeyState.Active) with { Reserved = Envelope.MessageLimit - 10 };

        var (state, granted) = KeyLifecycle.Reserve(ring.Current.State.With(entry), id, SealingKey.Block);
        Assert.Equal(10, granted);
        Assert.Equal(Envelope.MessageLimit, state.Find(id)!.Reserved);
        Assert.Equal(0, KeyLifecycle.Reserve(state, id, SealingKey.Block).Granted);
    }

    [Fact]
    public void A_key_at_its_limit_is_replaced_on_the_spot()
    {
        var old = ring.Find(KeyPurpose.Data, KeyState.Active);
        SetReserved(old, Envelope.MessageLimit);

        var envelope = sealer.Seal("value"u8, here);

        Assert.NotEqual(old.Id, ring.Find(KeyPurpose.Data, KeyState.Active).Id);
        Assert.Equal(KeyState.Retired, ring.StateOf(old.Id));
        Assert.Equal(UnsealOutcome.Opened, sealer.Open(envelope, here, out _));
    }

    [Fact]
    public void Rotation_is_due_at_half_of_the_limit()
    {
        SetReserved(ring.Find(KeyPurpose.Data, KeyState.Active), Envelope.MessageLimit / 2);

        Assert.True(ring.Advance());
        Assert.Equal(KeyState.Pending, ring.Find(KeyPurpose.Data, KeyState.Pending).State);
    }

    [Fact]
    public void A_disposed_ring_opens_nothing()
    {
        var envelope = sealer.Seal("value"u8, here);
        ring.Dispose();
        Assert.Equal(UnsealOutcome.UnknownKey, sealer.Open(envelope, here, out _));
    }

    private void SetReserved(KeyEntry entry, long reserved)
    {
        using var store = new KeyRingStore(directory.Keys);
        store.Open(_ => throw new InvalidOperationException());
        store.Update(state => state.With(entry with { Reserved = reserved }));
        Assert.True(ring.Reload().Changed);
    }

    private sealed class Grants(params long[] grants) : ISealingAllowance
    {
        private readonly Queue<long> grants = new(grants);

        public long Reserve(string keyId, long wanted) => grants.TryDequeue(out var granted) ? granted : 0;
    }
}
