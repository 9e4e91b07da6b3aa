using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>
/// The opened keys of this process, kept across changes of the ring and given up as soon as the ring no longer needs them. Not safe for
/// concurrent use: the ring calls it under its gate. Bounded by the entries of the ring.
/// </summary>
internal sealed class LoadedKeys(string path, KeyFactory factory, ISealingAllowance allowance) : IDisposable
{
    private readonly Dictionary<string, VerificationKey> verification = [];
    private readonly Dictionary<string, SigningKey> signing = [];
    private readonly Dictionary<string, SealingKey> sealing = [];

    public VerificationKey Verification(KeyEntry entry)
    {
        if (verification.TryGetValue(entry.Id, out var key))
            return key;
        if (!VerificationKey.TryCreate(entry.Algorithm, entry.PublicKey.Span, out key) || key.Id != entry.Id)
            throw Unusable(entry);
        return verification[entry.Id] = key;
    }

    public SigningKey Signing(KeyEntry entry)
    {
        if (signing.TryGetValue(entry.Id, out var key))
            return key;
        return signing[entry.Id] = new SigningKey(Verification(entry), factory.Unwrap(entry) ?? throw Unusable(entry));
    }

    public SealingKey Sealing(KeyEntry entry)
    {
        if (sealing.TryGetValue(entry.Id, out var key))
            return key;
        return sealing[entry.Id] = new SealingKey(entry.Id, factory.Unwrap(entry) ?? throw Unusable(entry), allowance);
    }

    /// <summary>Zeroes the private halves of keys that sign no more and all of what is destroyed or gone.</summary>
    public void GiveUpUnneeded(KeyRingState state)
    {
        Sweep(signing, id => state.Find(id) is { State: KeyState.Active });
        Sweep(sealing, id => state.Find(id) is { State: not KeyState.Destroyed });
        Sweep(verification, id => state.Find(id) is { State: not KeyState.Destroyed });
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
