using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>
/// The life of keys as steps from one state of the ring to the next. Pure but for the making of keys: reads no clock, writes no file. Equal
/// states (by reference) mean that nothing was due.
/// </summary>
internal sealed class KeyLifecycle(IReadOnlyList<KeyPolicy> policies, KeyFactory factory)
{
    // Entries of destroyed keys that are kept for people to look at; the oldest go first.
    private const int LargestGraveyard = 256;

    // Rotation is due when half of the messages a key may seal have been granted.
    private const long UsageLimit = Envelope.MessageLimit / 2;

    /// <summary>Does all that <paramref name="now"/> has made due: activates, retires, destroys, makes missing keys and successors.</summary>
    public KeyRingState Advance(KeyRingState state, DateTimeOffset now)
    {
        foreach (var key in state.Keys)
        {
            if (ClockCorrection.IsNeeded(key, now))
                state = state.With(ClockCorrection.Apply(key, now));
        }

        foreach (var policy in policies)
        {
            state = ActivateDue(state, policy, now);
            var active = state.Find(policy.Purpose, KeyState.Active);
            if (active is null)
                state = Add(state, policy, now, immediately: true);
            else if (IsSuccessorDue(active, policy, now) && state.Find(policy.Purpose, KeyState.Pending) is null)
                state = Add(state, policy, now, immediately: false);
        }

        foreach (var key in state.Keys)
        {
            if (key.State == KeyState.Retired && key.Destroys <= now)
                state = state.With(Bury(key, now));
        }

        return ClearGraveyard(state);
    }

    /// <summary>True when <see cref="Advance"/> would change anything. Cheap: makes no key.</summary>
    public bool IsAnythingDue(KeyRingState state, DateTimeOffset now)
    {
        foreach (var policy in policies)
        {
            var active = state.Find(policy.Purpose, KeyState.Active);
            var pending = state.Find(policy.Purpose, KeyState.Pending);
            if (active is null || pending?.Activates <= now || (pending is null && IsSuccessorDue(active, policy, now)))
                return true;
        }

        foreach (var key in state.Keys)
        {
            if ((key.State == KeyState.Retired && key.Destroys <= now) || ClockCorrection.IsNeeded(key, now))
                return true;
        }

        return false;
    }

    /// <summary>A successor on command: at once, or pending for the lead time. A pending one that waits already is the successor.</summary>
    public KeyRingState Rotate(KeyRingState state, KeyPurpose purpose, DateTimeOffset now, bool immediately)
    {
        var policy = PolicyOf(purpose);
        if (immediately)
            return Add(state, policy, now, immediately: true);
        return state.Find(purpose, KeyState.Pending) is null ? Add(state, policy, now, immediately: false) : state;
    }

    public (KeyRingState State, DestroyOutcome Outcome) Destroy(KeyRingState state, string id, DateTimeOffset now) => state.Find(id) switch
    {
        null => (state, DestroyOutcome.NotFound),
        { State: KeyState.Active } => (state, DestroyOutcome.StillActive),
        { State: KeyState.Destroyed } => (state, DestroyOutcome.AlreadyDestroyed),
        var key => (ClearGraveyard(state.With(Bury(key, now))), DestroyOutcome.Destroyed),
    };

    /// <summary>Grants up to <paramref name="wanted"/> messages to an active sealing key.</summary>
    public static (KeyRingState State, long Granted) Reserve(KeyRingState state, string id, long wanted)
    {
        if (state.Find(id) is not { State: KeyState.Active } key)
            return (state, 0);
        var granted = Math.Min(wanted, Envelope.MessageLimit - key.Reserved);
        return granted <= 0 ? (state, 0) : (state.With(key with { Reserved = key.Reserved + granted }), granted);
    }

    public KeyPolicy PolicyOf(KeyPurpose purpose)
    {
        foreach (var policy in policies)
        {
            if (policy.Purpose == purpose)
                return policy;
        }

        throw new ArgumentException($"No policy for purpose {purpose}.", nameof(purpose));
    }

    private KeyRingState ActivateDue(KeyRingState state, KeyPolicy policy, DateTimeOffset now)
    {
        KeyEntry? due = null;
        foreach (var key in state.Keys)
        {
            if (key.Purpose == policy.Purpose && key.State == KeyState.Pending && key.Activates <= now)
                due = key;
        }

        return due is null ? state : Activate(state, due, policy, now);
    }

    /// <summary>Exactly one key of a purpose is active: whatever was, and older pending ones, retire.</summary>
    private static KeyRingState Activate(KeyRingState state, KeyEntry successor, KeyPolicy policy, DateTimeOffset now)
    {
        foreach (var key in state.Keys)
        {
            if (key.Purpose == policy.Purpose && key.State is (KeyState.Active or KeyState.Pending) && key.Id != successor.Id)
                state = state.With(Retire(key, policy, now));
        }

        return state.With(successor with { State = KeyState.Active, Activates = now });
    }

    private KeyRingState Add(KeyRingState state, KeyPolicy policy, DateTimeOffset now, bool immediately)
    {
        if (state.Wraps >= Envelope.MessageLimit)
            throw new InvalidOperationException("The wrapping key has sealed as often as it may; replace it: portcullis key rotate wrapping.");
        var made = factory.Create(policy, KeyState.Pending, now, immediately ? now : now + policy.LeadTime);
        state = state.With(made) with { Wraps = state.Wraps + 1 };
        return immediately ? Activate(state, made, policy, now) : state;
    }

    private static bool IsSuccessorDue(KeyEntry active, KeyPolicy policy, DateTimeOffset now)
    {
        if (active.Algorithm != policy.Algorithm || active.Reserved >= UsageLimit)
            return true;
        if (policy.Algorithm == KeyAlgorithm.RS256 && active.Bits < policy.RsaBits)
            return true;
        return policy.RotateEvery is { } period && now >= active.Activates + period - policy.LeadTime;
    }

    /// <summary>A signing key gives up its private half at once: verifying needs only the public one.</summary>
    private static KeyEntry Retire(KeyEntry key, KeyPolicy policy, DateTimeOffset now) => key with
    {
        State = KeyState.Retired,
        Retired = now,
        Destroys = now + policy.KeepRetired,
        Sealed = key.Algorithm.Signs() ? default : key.Sealed,
    };

    private static KeyEntry Bury(KeyEntry key, DateTimeOffset now) =>
        key with { State = KeyState.Destroyed, Retired = key.Retired ?? now, Destroys = now, PublicKey = default, Sealed = default };

    private static KeyRingState ClearGraveyard(KeyRingState state)
    {
        var buried = 0;
        foreach (var key in state.Keys)
            buried += key.State == KeyState.Destroyed ? 1 : 0;
        for (var i = 0; buried > LargestGraveyard; i++)
        {
            if (state.Keys[i].State != KeyState.Destroyed)
                continue;
            state = state with { Keys = state.Keys.RemoveAt(i--) };
            buried--;
        }

        return state;
    }
}
