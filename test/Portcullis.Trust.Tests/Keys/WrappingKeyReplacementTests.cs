using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Keys;

/// <summary>Another wrapping key for a ring that is in use.</summary>
public sealed class WrappingKeyReplacementTests : IDisposable
{
    private static readonly SealingContext here = SealingContext.Of("t");

    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Everything_opens_as_before_and_nothing_is_left_under_the_old_key()
    {
        byte[] value;
        string old;
        byte[] oldFile;
        using (var ring = Rings.Open(directory, clock))
        {
            value = new Sealer(ring, KeyPurpose.Data).Seal("value"u8, here);
            ring.Rotate(KeyPurpose.Data, immediately: true);
            ring.Rotate(KeyPurpose.TokenSigning);
            old = ring.WrappingKeyId;
            oldFile = File.ReadAllBytes(directory.Wrapping);
            var before = ring.Current.Keys.Select(key => (key.Id, key.State)).ToList();

            ring.ReplaceWrappingKey(null);

            Assert.NotEqual(old, ring.WrappingKeyId);
            Assert.Equal(before, ring.Current.Keys.Select(key => (key.Id, key.State)));
            Assert.Equal(UnsealOutcome.Opened, new Sealer(ring, KeyPurpose.Data).Open(value, here, out _));
        }

        Assert.Equal(["ring.json", "ring.lock", "wrapping.key"], Directory.GetFiles(directory.Keys).Select(Path.GetFileName).Order());
        Assert.DoesNotContain(old, File.ReadAllText(directory.Ring));
        using var oldKey = WrappingKeyFile.Parse("old", oldFile, null);
        using var again = Rings.Open(directory, clock);
        Assert.Equal(UnsealOutcome.Opened, new Sealer(again, KeyPurpose.Data).Open(value, here, out _));
        var sealedKeys = again.Current.Keys.Where(key => !key.Sealed.IsEmpty).ToList();
        Assert.Equal(5, sealedKeys.Count);
        Assert.All(sealedKeys, key => Assert.Null(new KeyFactory(oldKey).Unwrap(key)));
        Assert.Equal(sealedKeys.Count, again.Current.State.Wraps);
    }

    [Fact]
    public void A_running_process_follows_without_a_gap()
    {
        using var node = Rings.Open(directory, clock);
        using var command = Rings.Open(directory, clock);
        var sealer = new Sealer(node, KeyPurpose.Data);
        var value = sealer.Seal("value"u8, here);

        command.ReplaceWrappingKey(null);

        // Before it has noticed, too: the keys are in memory.
        Assert.Equal(UnsealOutcome.Opened, sealer.Open(value, here, out _));
        Assert.Equal(new KeyRingReload(true, null), node.Reload());
        Assert.Equal(command.WrappingKeyId, node.WrappingKeyId);
        Assert.Equal(UnsealOutcome.Opened, sealer.Open(value, here, out _));
        Assert.NotNull(node.Rotate(KeyPurpose.Data, immediately: true));
        Assert.Null(command.Reload().Refusal);
    }

    [Fact]
    public void A_process_that_has_not_noticed_can_change_the_ring_all_the_same()
    {
        using var node = Rings.Open(directory, clock);
        using var command = Rings.Open(directory, clock);
        command.ReplaceWrappingKey(null);

        var successor = node.Rotate(KeyPurpose.TokenSigning);

        Assert.Equal(command.WrappingKeyId, node.WrappingKeyId);
        command.Reload();
        Assert.Equal(KeyState.Pending, command.StateOf(successor.Id));
    }

    [Fact]
    public async Task Several_processes_replacing_and_rotating_at_once_lose_nothing()
    {
        var rings = Enumerable.Range(0, 4).Select(_ => Rings.Open(directory, clock)).ToList();
        var value = new Sealer(rings[0], KeyPurpose.Data).Seal("value"u8, here);

        var made = await Task.WhenAll(rings.Select((ring, index) => Task.Run(() =>
        {
            var ids = new List<string>();
            for (var i = 0; i < 8; i++)
            {
                if ((i + index) % 2 == 0)
                    ring.ReplaceWrappingKey(null);
                else
                    ids.Add(ring.Rotate(KeyPurpose.Data, immediately: true).Id);
                Assert.Null(ring.Reload().Refusal);
            }

            return ids;
        })));

        Assert.All(rings, ring => Assert.Null(ring.Reload().Refusal));
        Assert.Single(rings.Select(ring => ring.WrappingKeyId).Distinct());
        foreach (var ring in rings)
        {
            Assert.All(made.SelectMany(ids => ids), id => Assert.NotEqual(KeyState.Destroyed, ring.StateOf(id)));
            Assert.Equal(UnsealOutcome.Opened, new Sealer(ring, KeyPurpose.Data).Open(value, here, out _));
            ring.Dispose();
        }
    }

    [Fact]
    public void Stopped_at_any_step_the_old_key_is_valid_or_the_new_one()
    {
        var steps = new List<string>();
        using (var probe = new TemporaryDirectory())
        {
            using (Rings.Open(probe, clock))
            {
            }

            Replace(probe, steps.Add);
        }

        Assert.Equal(["new wrapping key", "ring", "old wrapping key overwritten", "wrapping key renamed"], steps);
        foreach (var step in steps)
        {
            using var place = new TemporaryDirectory();
            byte[] value;
            string[] ids;
            using (var ring = Rings.Open(place, clock))
            {
                value = new Sealer(ring, KeyPurpose.Data).Seal("value"u8, here);
                ids = [.. ring.Current.Keys.Select(key => key.Id)];
            }

            // The process is gone before this step: nothing behind it tidies up.
            Assert.Throws<Stopped>(() => Replace(place, reached =>
            {
                if (reached == step)
                    throw new Stopped();
            }));

            using (var again = Rings.Open(place, clock))
            {
                Assert.Equal(ids, again.Current.Keys.Select(key => key.Id));
                Assert.Equal(UnsealOutcome.Opened, new Sealer(again, KeyPurpose.Data).Open(value, here, out _));
                again.ReplaceWrappingKey(null);
            }

            Assert.Equal(["ring.json", "ring.lock", "wrapping.key"], Directory.GetFiles(place.Keys).Select(Path.GetFileName).Order());
            using var last = Rings.Open(place, clock);
            Assert.Equal(UnsealOutcome.Opened, new Sealer(last, KeyPurpose.Data).Open(value, here, out _));
        }
    }

    [Theory]
    [InlineData("new wrapping key")]
    [InlineData("ring")]
    [InlineData("wrapping key renamed")]
    public void A_first_run_stopped_at_any_step_is_taken_up(string step)
    {
        using (var store = new KeyRingStore(directory.Keys) { BeforeStep = reached => Stop(reached, step) })
            Assert.Throws<Stopped>(() => store.Open(key => new KeyLifecycle(Rings.Policies, new KeyFactory(key)).Advance(KeyRingState.Empty, clock.GetUtcNow())));

        using var ring = Rings.Open(directory, clock);
        Assert.Equal(3, ring.Current.Keys.Count);
    }

    [Fact]
    public void A_running_process_survives_a_replacement_that_stopped_half_way()
    {
        using var node = Rings.Open(directory, clock);
        var value = new Sealer(node, KeyPurpose.Data).Seal("value"u8, here);
        Assert.Throws<Stopped>(() => Replace(directory, reached => Stop(reached, "wrapping key renamed")));

        // It finishes what the other one had begun: the ring is under the new key already.
        Assert.Equal(new KeyRingReload(true, null), node.Reload());
        Assert.Equal(UnsealOutcome.Opened, new Sealer(node, KeyPurpose.Data).Open(value, here, out _));
        Assert.False(File.Exists(directory.Wrapping + ".new"));
        using var again = Rings.Open(directory, clock);
        Assert.Equal(node.WrappingKeyId, again.WrappingKeyId);
    }

    [Fact]
    public void A_key_that_does_not_open_stops_the_replacement_before_anything_is_written()
    {
        using var ring = Rings.Open(directory, clock);
        using (var store = new KeyRingStore(directory.Keys))
        {
            store.Open(_ => throw new InvalidOperationException());
            store.Update(state => state.With(state.Find(KeyPurpose.Cookie, KeyState.Active)! with { Sealed = new byte[69] }));
        }

        var before = (File.ReadAllBytes(directory.Wrapping), File.ReadAllBytes(directory.Ring));
        Assert.Contains("can't be opened", Assert.Throws<KeyRingException>(() => ring.ReplaceWrappingKey(null)).Message);
        Assert.Equal(before.Item1, File.ReadAllBytes(directory.Wrapping));
        Assert.Equal(before.Item2, File.ReadAllBytes(directory.Ring));
    }

    [Fact]
    public void A_new_key_file_that_fits_no_ring_is_not_taken()
    {
        using (Rings.Open(directory, clock))
        {
        }

        var (stranger, bytes) = WrappingKeyFile.Create();
        stranger.Dispose();
        File.WriteAllBytes(directory.Wrapping + ".new", bytes);
        TemporaryDirectory.SetMode(directory.Wrapping + ".new", FilePermissions.PrivateFile);
        var before = File.ReadAllBytes(directory.Wrapping);

        using var ring = Rings.Open(directory, clock);

        Assert.Equal(before, File.ReadAllBytes(directory.Wrapping));
        Assert.False(File.Exists(directory.Wrapping + ".new"));
    }

    [Fact]
    public void A_ring_that_names_a_planted_key_without_its_code_is_refused_and_nothing_renamed()
    {
        using (Rings.Open(directory, clock))
        {
        }

        // Somebody who may write the directory names a key of their own, but has none of the material under it.
        var (planted, bytes) = WrappingKeyFile.Create();
        var before = File.ReadAllBytes(directory.Wrapping);
        using (var real = WrappingKeyFile.Read(directory.Wrapping))
            File.WriteAllText(directory.Ring, File.ReadAllText(directory.Ring).Replace(real.Id, planted.Id, StringComparison.Ordinal));
        planted.Dispose();
        File.WriteAllBytes(directory.Wrapping + ".new", bytes);
        TemporaryDirectory.SetMode(directory.Wrapping + ".new", FilePermissions.PrivateFile);

        Assert.Contains("damaged", Assert.Throws<KeyRingException>(() => Rings.Open(directory, clock).Dispose()).Message);
        Assert.Equal(before, File.ReadAllBytes(directory.Wrapping));
    }

    private static void Stop(string reached, string step)
    {
        if (reached == step)
            throw new Stopped();
    }

    private static void Replace(TemporaryDirectory place, Action<string> step)
    {
        using var store = new KeyRingStore(place.Keys) { BeforeStep = step };
        store.Open(_ => throw new InvalidOperationException());
        store.ReplaceWrapping(null);
    }

    private sealed class Stopped : Exception;
}
