using System.Collections.Immutable;

namespace Portcullis.Trust.Keys;

/// <summary>What the ring file says: the entries in order of creation and how often the wrapping key has sealed.</summary>
internal sealed record KeyRingState(ImmutableArray<KeyEntry> Keys, long Wraps)
{
    public static KeyRingState Empty { get; } = new([], 0);

    /// <summary>The authentication code of the file this was read from: equal codes, equal files. Null before the state was written.</summary>
    public string? Revision { get; init; }

    public KeyEntry? Find(string id)
    {
        foreach (var key in Keys)
        {
            if (key.Id == id)
                return key;
        }

        return null;
    }

    public KeyEntry? Find(KeyPurpose purpose, KeyState state)
    {
        // The newest, should there be several.
        for (var i = Keys.Length - 1; i >= 0; i--)
        {
            if (Keys[i].Purpose == purpose && Keys[i].State == state)
                return Keys[i];
        }

        return null;
    }

    public KeyRingState With(KeyEntry changed)
    {
        for (var i = 0; i < Keys.Length; i++)
        {
            if (Keys[i].Id == changed.Id)
                return this with { Keys = Keys.SetItem(i, changed) };
        }

        return this with { Keys = Keys.Add(changed) };
    }
}
