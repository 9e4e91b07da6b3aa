using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Sealing;

public sealed class SubjectSealerTests : IDisposable
{
    private static readonly SealingContext here = SealingContext.Of("users", "email", "1");
    private static readonly byte[] email = Encoding.UTF8.GetBytes("alice@example.com");

    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();
    private readonly KeyRing ring;
    private readonly SubjectKeys store = new();
    private readonly SubjectSealer sealer;

    public SubjectSealerTests()
    {
        ring = Rings.Open(directory, clock);
        sealer = Node();
    }

    public void Dispose()
    {
        sealer.Dispose();
        ring.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void Version_2_is_frozen()
    {
        // By another implementation (Python's cryptography): key 00..1f, salt e0..eb, nonce f0..fb.
        const string Golden = "020123456789abcdefe0e1e2e3e4e5e6e7e8e9eaebf0f1f2f3f4f5f6f7f8f9fafbec10bda89e8c69b68947cf95defeba2b5881ee40aaa089ac723b";
        byte[] stored = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, .. Enumerable.Range(0, 32).Select(i => (byte)i)];
        using var key = new SubjectKey(stored);

        Assert.True(key.TryOpen(Convert.FromHexString(Golden), SealingContext.Of("orders", "email", "42"), out var result));

        Assert.Equal("Portcullis", Encoding.UTF8.GetString(result.Plaintext!));
        Assert.Equal(49, SubjectSealer.Overhead);
    }

    [Fact]
    public async Task What_was_sealed_for_a_person_opens_for_them_alone()
    {
        var envelope = await Seal("alice");
        await Seal("bob");

        Assert.Equal(email, (await sealer.OpenAsync("alice", envelope, here)).Plaintext);
        Assert.Equal(UnsealOutcome.UnknownKey, (await sealer.OpenAsync("bob", envelope, here)).Outcome);
        Assert.Equal(UnsealOutcome.UnknownKey, (await sealer.OpenAsync("carol", envelope, here)).Outcome);
        Assert.Equal(UnsealOutcome.Tampered, (await sealer.OpenAsync("alice", envelope, SealingContext.Of("users", "email", "2"))).Outcome);
        Assert.False(store.All.ContainsKey("carol"));
    }

    [Fact]
    public async Task Every_changed_byte_and_truncation_is_noticed()
    {
        var envelope = await Seal("alice");
        for (var i = 0; i < envelope.Length; i++)
        {
            var changed = (byte[])envelope.Clone();
            changed[i] ^= 1;
            var result = await sealer.OpenAsync("alice", changed, here);
            Assert.Equal(i == 0 ? UnsealOutcome.Malformed : i < 9 ? UnsealOutcome.UnknownKey : UnsealOutcome.Tampered, result.Outcome);
            Assert.Null(result.Plaintext);
            Assert.NotEqual(UnsealOutcome.Opened, (await sealer.OpenAsync("alice", envelope.AsMemory(0, i), here)).Outcome);
        }
    }

    [Fact]
    public async Task A_destroyed_key_makes_all_data_of_that_person_unreadable_and_nobody_elses()
    {
        var (alice, again, bob) = (await Seal("alice"), await Seal("alice"), await Seal("bob"));

        Assert.True(await sealer.DestroyAsync("alice"));
        Assert.False(await sealer.DestroyAsync("alice"));

        Assert.Equal(UnsealOutcome.UnknownKey, (await sealer.OpenAsync("alice", alice, here)).Outcome);
        Assert.Equal(UnsealOutcome.UnknownKey, (await sealer.OpenAsync("alice", again, here)).Outcome);
        Assert.Equal(email, (await sealer.OpenAsync("bob", bob, here)).Plaintext);
        using var restarted = Node();
        Assert.Equal(UnsealOutcome.UnknownKey, (await restarted.OpenAsync("alice", alice, here)).Outcome);
    }

    [Fact]
    public async Task Nothing_can_be_sealed_for_a_destroyed_person_not_even_for_one_never_seen()
    {
        await Seal("alice");
        await sealer.DestroyAsync("alice");
        await sealer.DestroyAsync("never seen");

        Assert.Null(await sealer.SealAsync("alice", email, here));
        Assert.Null(await sealer.SealAsync("never seen", email, here));
        Assert.Empty(store.All["alice"]);
    }

    [Fact]
    public async Task A_key_put_back_from_a_backup_of_another_person_does_not_open()
    {
        await Seal("alice");
        await Seal("bob");
        store.Put("alice", store.All["bob"]);
        sealer.Forget("alice");

        Assert.Equal(UnsealOutcome.Tampered, (await sealer.OpenAsync("alice", await Seal("bob"), here)).Outcome);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await sealer.SealAsync("alice", email, here));
    }

    [Fact]
    public async Task Another_node_uses_a_destroyed_key_for_a_second_at_most_and_not_at_all_once_told()
    {
        using var other = Node();
        var envelope = await Seal("alice");
        Assert.Equal(email, (await other.OpenAsync("alice", envelope, here)).Plaintext);
        await sealer.DestroyAsync("alice");

        Assert.Equal(email, (await other.OpenAsync("alice", envelope, here)).Plaintext);
        clock.Advance(SubjectSealer.DefaultMaximumAge);
        Assert.Equal(UnsealOutcome.UnknownKey, (await other.OpenAsync("alice", envelope, here)).Outcome);

        envelope = await Seal("bob");
        await other.OpenAsync("bob", envelope, here);
        await sealer.DestroyAsync("bob");
        other.Forget("bob");
        Assert.Equal(UnsealOutcome.UnknownKey, (await other.OpenAsync("bob", envelope, here)).Outcome);
    }

    [Fact]
    public async Task A_reader_that_took_the_key_just_before_its_destruction_does_not_bring_it_back()
    {
        var envelope = await Seal("alice");
        sealer.Forget("alice");
        store.AfterFind = async () =>
        {
            store.AfterFind = null;
            await sealer.DestroyAsync("alice");
        };

        Assert.Equal(UnsealOutcome.UnknownKey, (await sealer.OpenAsync("alice", envelope, here)).Outcome);
        Assert.Equal(0, sealer.Cache.Count);
    }

    [Fact]
    public async Task Two_nodes_that_see_a_person_first_at_once_agree_on_one_key()
    {
        var nodes = Enumerable.Range(0, 8).Select(_ => Node()).ToList();
        var envelopes = await Task.WhenAll(nodes.Select(node => Task.Run(async () => (await node.SealAsync("alice", email, here))!)));

        Assert.Single(store.All);
        foreach (var envelope in envelopes)
            Assert.Equal(email, (await nodes[0].OpenAsync("alice", envelope, here)).Plaintext);
        nodes.ForEach(node => node.Dispose());
    }

    [Fact]
    public async Task Ten_thousand_persons_have_keys_of_their_own_and_the_cache_its_bound()
    {
        using var small = new SubjectSealer(new Sealer(ring, KeyPurpose.Data), store, clock, capacity: 100);
        var envelopes = new byte[10_000][];
        for (var i = 0; i < envelopes.Length; i++)
            envelopes[i] = (await small.SealAsync($"person-{i}", BitConverter.GetBytes(i), here))!;

        Assert.Equal(10_000, store.All.Count);
        Assert.Equal(10_000, envelopes.Select(envelope => Convert.ToHexString(envelope, 1, 8)).Distinct().Count());
        Assert.Equal(100, small.Cache.Count);
        for (var i = 0; i < envelopes.Length; i += 97)
            Assert.Equal(BitConverter.GetBytes(i), (await small.OpenAsync($"person-{i}", envelopes[i], here)).Plaintext);
    }

    [Fact]
    public async Task A_key_in_use_is_not_read_again_and_an_evicted_one_is_zeroed()
    {
        using var cache = new SubjectKeyCache(2, TimeSpan.FromHours(1), clock);
        var keys = Enumerable.Range(0, 3).Select(i => new SubjectKey([.. Enumerable.Repeat((byte)(i + 1), SubjectKey.StoredSize)])).ToList();
        Assert.True(cache.TryAdd("0", keys[0], cache.MarkOf("0")));
        Assert.True(cache.TryAdd("1", keys[1], cache.MarkOf("1")));
        Assert.Same(keys[0], cache.Find("0"));
        Assert.True(cache.TryAdd("2", keys[2], cache.MarkOf("2")));

        Assert.Equal([false, true, false], keys.Select(key => key.IsZeroed));
        Assert.Null(keys[1].Seal("x"u8, here));
        Assert.False(keys[1].TryOpen(new byte[100], here, out _) && keys[1].TryOpen([2, 2, 2, 2, 2, 2, 2, 2, 2, .. new byte[60]], here, out _));
        cache.Remove("0");
        cache.Dispose();
        Assert.All(keys, key => Assert.True(key.IsZeroed));

        for (var i = 0; i < 5; i++)
            await Seal("alice");
        Assert.Equal(1, store.Reads);
    }

    [Fact]
    public async Task Old_entries_leave_memory_as_others_come()
    {
        for (var i = 0; i < 50; i++)
            await Seal($"old-{i}");
        clock.Advance(SubjectSealer.DefaultMaximumAge);
        for (var i = 0; i < 25; i++)
            await Seal($"new-{i}");

        Assert.Equal(25, sealer.Cache.Count);
    }

    [Fact]
    public async Task Sealing_while_keys_are_evicted_and_forgotten_never_uses_a_zeroed_key()
    {
        using var tiny = new SubjectSealer(new Sealer(ring, KeyPurpose.Data), store, clock, capacity: 4);
        await Parallel.ForAsync(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, cancellation) =>
        {
            var subject = $"person-{i % 32}";
            var envelope = (await tiny.SealAsync(subject, email, here, cancellation))!;
            Assert.Equal(email, (await tiny.OpenAsync(subject, envelope, here, cancellation)).Plaintext);
            Assert.Equal(email, (await sealer.OpenAsync(subject, envelope, here, cancellation)).Plaintext);
        });
    }

    [Fact]
    public async Task After_a_rotation_of_the_data_key_only_the_wrapped_keys_are_sealed_anew()
    {
        var envelope = await Seal("alice");
        await Seal("bob");
        var old = ring.Find(KeyPurpose.Data, KeyState.Active).Id;
        ring.Rotate(KeyPurpose.Data, immediately: true);

        var report = await new Resealer(new Sealer(ring, KeyPurpose.Data), clock) { Pause = TimeSpan.Zero }.RunAsync(store);
        Assert.Equal((2, true), (report.Resealed, report.IsClean));
        Assert.Equal(DestroyOutcome.Destroyed, ring.Destroy(old));

        using var restarted = Node();
        Assert.Equal(email, (await restarted.OpenAsync("alice", envelope, here)).Plaintext);
    }

    [Fact]
    public async Task A_data_key_destroyed_before_that_takes_the_persons_data_with_it_and_nothing_is_sealed_beside()
    {
        var envelope = await Seal("alice");
        var old = ring.Find(KeyPurpose.Data, KeyState.Active).Id;
        ring.Rotate(KeyPurpose.Data, immediately: true);
        ring.Destroy(old);
        Assert.Equal(email, (await sealer.OpenAsync("alice", envelope, here)).Plaintext);
        sealer.Forget("alice");

        Assert.Equal(UnsealOutcome.Malformed, (await sealer.OpenAsync("alice", envelope, here)).Outcome);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await sealer.SealAsync("alice", email, here));
    }

    private SubjectSealer Node() => new(new Sealer(ring, KeyPurpose.Data), store, clock);

    private async Task<byte[]> Seal(string subject) => (await sealer.SealAsync(subject, email, here))!;
}
