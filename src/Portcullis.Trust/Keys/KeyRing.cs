using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>
/// The keys of one installation: made at first run, persisted in a directory with their secret halves sealed under a wrapping key, replaced
/// with overlap, destroyed when their time is over. Several processes may work on one directory: every change is made on the file, under a
/// lock, and the others learn it by <see cref="Reload"/>. Safe from any thread.
/// </summary>
/// <remarks>
/// The ring has no timer and watches no file. Its owner calls <see cref="Advance"/> now and then (a minute is fine) and
/// <see cref="Reload"/> when <see cref="FilePath"/> changes. The file is authenticated, so damage and edits are refused; an old copy put back
/// by somebody who may write the directory is not recognised.
/// </remarks>
public sealed class KeyRing : IDisposable
{
    private readonly KeyRingStore store;
    private readonly KeyLifecycle lifecycle;
    private readonly LoadedKeys loaded;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private KeyRingSnapshot current;

    private KeyRing(KeyRingStore store, IReadOnlyList<KeyPolicy> policies, TimeProvider clock)
    {
        this.store = store;
        this.clock = clock;
        var factory = new KeyFactory(() => store.Wrapping);
        lifecycle = new KeyLifecycle(policies, factory);
        loaded = new LoadedKeys(store.RingPath, factory, new Allowance(this));
        current = new KeyRingSnapshot(store.Update(state => lifecycle.Advance(state, clock.GetUtcNow())), loaded);
    }

    /// <summary>The ring as it is now. One field read.</summary>
    public KeyRingSnapshot Current => Volatile.Read(ref current);

    /// <summary>The file to watch for changes by other processes. It is replaced by renaming: watch its directory.</summary>
    public string FilePath => store.RingPath;

    /// <summary>The wrapping key's id: 16 hexadecimal digits, derived from it. It stands in clear in both files.</summary>
    public string WrappingKeyId
    {
        get
        {
            lock (gate)
                return store.Wrapping.Id;
        }
    }

    /// <summary>
    /// Opens the ring in <paramref name="directory"/>, or makes one there: the directory (0700), the wrapping key, a first active key for each
    /// policy. Whatever is due is done on the way.
    /// </summary>
    /// <param name="directory">A directory of the ring alone, such as <c>keys</c> in the data directory.</param>
    /// <param name="policies">One for each purpose this process uses.</param>
    /// <param name="clock">Decides what is due.</param>
    /// <param name="protection">What the wrapping key is wrapped under on disk. Null: its file's mode alone keeps it.</param>
    /// <exception cref="KeyRingException">The ring is missing a file, damaged, foreign, newer, readable by others, protected otherwise, or the disk fails.</exception>
    public static KeyRing Open(string directory, IReadOnlyList<KeyPolicy> policies, TimeProvider clock, IKeyEncryptionKey? protection = null)
    {
        foreach (var policy in policies)
            policy.Validate();
        if (policies.DistinctBy(policy => policy.Purpose).Count() != policies.Count)
            throw new ArgumentException("Each purpose has one policy.", nameof(policies));
        var store = new KeyRingStore(directory, protection);
        try
        {
            store.Open(key => new KeyLifecycle(policies, new KeyFactory(key)).Advance(KeyRingState.Empty, clock.GetUtcNow()));
            return new KeyRing(store, policies, clock);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Whether the directory has a ring, or what is left of one: where it has not, <see cref="Open"/> makes one.</summary>
    public static bool Exists(string directory) => File.Exists(KeyRingStore.WrappingPath(directory)) || File.Exists(Path.Combine(directory, "ring.json")) || File.Exists(KeyRingStore.WrappingPath(directory) + ".new");

    /// <summary>Whether the wrapping key in <paramref name="directory"/> says that it is kept by its file's mode alone. False where there is none.</summary>
    public static bool IsWrappingKeyUnprotected(string directory) => WrappingKeyFile.Peek(KeyRingStore.WrappingPath(directory))?.Scheme == WrappingKeyFile.Unprotected;

    /// <summary>The policy of a purpose. Throws <see cref="ArgumentException"/> when this process has none for it.</summary>
    public KeyPolicy PolicyOf(KeyPurpose purpose) => lifecycle.PolicyOf(purpose);

    /// <summary>Does what the clock has made due: activation, retirement, destruction, successors. True when anything changed.</summary>
    /// <exception cref="KeyRingException">The file can't be read or written; the ring in memory is unchanged.</exception>
    public bool Advance()
    {
        // Most calls find nothing to do; the lock and the file are for the others.
        var now = clock.GetUtcNow();
        var before = Current.State;
        if (!lifecycle.IsAnythingDue(before, now))
            return false;
        return Update(state => lifecycle.Advance(state, now)).Revision != before.Revision;
    }

    /// <summary>
    /// Starts the replacement of the active key of <paramref name="purpose"/> and returns the successor. By default it is pending for the
    /// policy's lead time; calling again meanwhile starts no second one.
    /// </summary>
    /// <param name="purpose">A purpose with a policy.</param>
    /// <param name="immediately">Activate at once: for a compromised key. Verifiers with an old key set refuse its tokens until they fetch the new one.</param>
    /// <exception cref="KeyRingException">The file can't be read or written; the ring in memory is unchanged.</exception>
    public KeyEntry Rotate(KeyPurpose purpose, bool immediately = false)
    {
        var state = Update(state => lifecycle.Rotate(state, purpose, clock.GetUtcNow(), immediately));
        return state.Find(purpose, immediately ? KeyState.Active : KeyState.Pending)!;
    }

    /// <summary>
    /// Destroys a pending or retired key now: its material leaves the file and this process's memory at once, other processes' when they
    /// reload. What it sealed stays unreadable, what it signed is refused.
    /// </summary>
    /// <exception cref="KeyRingException">The file can't be read or written; the ring in memory is unchanged.</exception>
    public DestroyOutcome Destroy(string id)
    {
        var outcome = DestroyOutcome.NotFound;
        Update(state =>
        {
            (state, outcome) = lifecycle.Destroy(state, id, clock.GetUtcNow());
            return state;
        });
        return outcome;
    }

    /// <summary>
    /// Replaces the wrapping key and seals every key of the ring under the new one; nothing that they sealed or signed changes. A process that
    /// stops on the way leaves the old wrapping key valid or the new one, never neither. Others that have the ring open go on, and follow at
    /// their next <see cref="Reload"/>.
    /// </summary>
    /// <param name="protection">What the new wrapping key is wrapped under on disk; it may differ from that of before.</param>
    /// <exception cref="KeyRingException">A key can't be opened, or the files can't be read or written. Before the ring is written nothing changes.</exception>
    public void ReplaceWrappingKey(IKeyEncryptionKey? protection)
    {
        lock (gate)
            Publish(store.ReplaceWrapping(protection));
    }

    /// <summary>Reads the file again. On refusal the last good ring stays in effect.</summary>
    public KeyRingReload Reload()
    {
        lock (gate)
        {
            try
            {
                var state = store.Read();
                if (state.Revision == Current.State.Revision)
                    return new KeyRingReload(Changed: false, Refusal: null);
                Publish(state);
                return new KeyRingReload(Changed: true, Refusal: null);
            }
            catch (KeyRingException refusal)
            {
                return new KeyRingReload(Changed: false, refusal);
            }
        }
    }

    /// <summary>Gives up all key material. Nothing can be signed, sealed or opened afterwards.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            loaded.Dispose();
            store.Dispose();
        }
    }

    /// <summary>Replaces a sealing key that can seal no more, unless somebody has done it already.</summary>
    internal void Replace(KeyPurpose purpose, string id) => Update(state =>
        state.Find(purpose, KeyState.Active)?.Id == id ? lifecycle.Rotate(state, purpose, clock.GetUtcNow(), immediately: true) : state);

    private KeyRingState Update(Func<KeyRingState, KeyRingState> change)
    {
        lock (gate)
        {
            var state = store.Update(change);
            if (state.Revision != Current.State.Revision)
                Publish(state);
            return Current.State;
        }
    }

    private void Publish(KeyRingState state)
    {
        Volatile.Write(ref current, new KeyRingSnapshot(state, loaded));
        loaded.GiveUpUnneeded(state);
    }

    private sealed class Allowance(KeyRing ring) : ISealingAllowance
    {
        public long Reserve(string keyId, long wanted)
        {
            var granted = 0L;
            ring.Update(state =>
            {
                (state, granted) = KeyLifecycle.Reserve(state, keyId, wanted);
                return state;
            });
            return granted;
        }
    }
}
