using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>
/// The opened keys of this process, kept across changes of the ring and given up as soon as the ring no longer needs them. Not safe for
/// concurrent use: the ring calls it under its gate. Bounded by the entries of the ring.
/// </summary>
internal sealed class LoadedKeys(string path, KeyFactory factory, ISealingAllowance allowance) : IDisposable
{
    private readonly Dictionary<string, VerificationKey> _verification = [];
    private readonly Dictionary<string, SigningKey> _signing = [];
    private readonly Dictionary<string, SealingKey> _sealing = [];

    public VerificationKey Verification(KeyEntry entry)
    {
        if (_verification.TryGetValue(entry.Id, out var key))
            return key;
        if (!VerificationKey.TryCreate(entry.Algorithm, entry.PublicKey.Span, out key) || key.Id != entry.Id)
            throw Unusable(entry);
        return _verification[entry.Id] = key;
    }

    public SigningKey Signing(KeyEntry entry)
    {
        if (_signing.TryGetValue(entry.Id, out var key))
            return key;
        return _signing[entry.Id] = new SigningKey(Verification(entry), factory.Unwrap(entry) ?? throw Unusable(entry));
    }

    public SealingKey Sealing(KeyEntry entry)
    {
        if (_sealing.TryGetValue(entry.Id, out var key))
            return key;
        return _sealing[entry.Id] = new SealingKey(entry.Id, factory.Unwrap(entry) ?? throw Unusable(entry), allowance);
    }

    /// <summary>Zeroes the private halves of keys that sign no more and all of what is destroyed or gone.</summary>
    public void GiveUpUnneeded(KeyRingState state)
    {
        Sweep(_signing, id => state.Find(id) is { State: KeyState.Active });
        Sweep(_sealing, id => state.Find(id) is { State: not KeyState.Destroyed });
        Sweep(_verification, id => state.Find(id) is { State: not KeyState.Destroyed });
    }

    public void Dispose() => GiveUpUnneeded(KeyRingState.Empty);

    private static void Sweep<T>(Dictionary<string, T> keys, Func<string, bool> isNeeded)
    {
        foreach (var id in keys.Keys.Where(id => !isNeeded(id)).ToList())
        {
            if (keys.Remove(id, out var key))
                (key as IDisposable)?.Dispose();
        }
    }

    private KeyRingException Unusable(KeyEntry entry) =>
        new(path, $"{path}: key {entry.Id} can't be opened", "restore the file from a backup");
}
