using System.Collections.Immutable;
using Portcullis.Trust.Sealing;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Keys;

/// <summary>The ring at one moment: immutable, safe from any thread. Take it anew for each use; a kept one knows nothing of later rotation.</summary>
public sealed class KeyRingSnapshot
{
    private readonly Dictionary<KeyPurpose, SigningKey> signing = [];
    private readonly Dictionary<KeyPurpose, JsonWebKeySet> publicValue = [];
    private readonly Dictionary<KeyPurpose, SealingKey> activeSealing = [];
    private readonly Dictionary<(KeyPurpose Purpose, ulong Number), SealingKey> _sealing = [];

    internal KeyRingSnapshot(KeyRingState state, LoadedKeys loaded)
    {
        State = state;
        foreach (var group in state.Keys.Where(key => key.State != KeyState.Destroyed).GroupBy(key => key.Purpose))
        {
            // The active key leads the published set, then what will be, then what was.
            var verification = ImmutableArray.CreateBuilder<VerificationKey>();
            foreach (var key in group.OrderBy(key => key.State switch { KeyState.Active => 0, KeyState.Pending => 1, _ => 2 }))
            {
                if (key.Algorithm.Signs())
                    verification.Add(loaded.Verification(key));
                else
                    Add(key, loaded.Sealing(key));
                if (key.Algorithm.Signs() && key.State == KeyState.Active)
                    signing[key.Purpose] = loaded.Signing(key);
            }

            if (verification.Count > 0)
                publicValue[group.Key] = new JsonWebKeySet(verification.ToImmutable(), []);
        }
    }

    /// <summary>Every key, destroyed ones included, oldest first.</summary>
    public IReadOnlyList<KeyEntry> Keys => State.Keys;

    internal KeyRingState State { get; }

    /// <summary>The key that signs for <paramref name="purpose"/> now. Null when there is none.</summary>
    public SigningKey? FindSigningKey(KeyPurpose purpose) => signing.GetValueOrDefault(purpose);

    /// <summary>
    /// The public keys that verify what <paramref name="purpose"/> signed, will sign or did sign, as verifiers should learn them. For
    /// <see cref="KeyPurpose.TokenSigning"/> this is the JWKS document.
    /// </summary>
    public JsonWebKeySet PublicKeys(KeyPurpose purpose) => publicValue.GetValueOrDefault(purpose, JsonWebKeySet.Empty);

    internal SealingKey? FindSealingKey(KeyPurpose purpose) => activeSealing.GetValueOrDefault(purpose);

    internal SealingKey? FindSealingKey(KeyPurpose purpose, ulong number) => _sealing.GetValueOrDefault((purpose, number));

    private void Add(KeyEntry key, SealingKey sealing)
    {
        _sealing[(key.Purpose, sealing.Number)] = sealing;
        if (key.State == KeyState.Active)
            activeSealing[key.Purpose] = sealing;
    }
}
