using System.Globalization;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>
/// What holds of every ring that this program writes. The file's authentication code shows that a Portcullis wrote it; these rules, that the
/// rest of the program can rely on its content, whichever version that was.
/// </summary>
internal static class KeyRingRules
{
    private const int LongestId = 64;
    private const int LongestPurpose = 32;

    public static bool Hold(KeyRingState state)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var active = new HashSet<KeyPurpose>();
        foreach (var key in state.Keys)
        {
            if (!Holds(key) || !ids.Add(key.Id) || (key.State == KeyState.Active && !active.Add(key.Purpose)))
                return false;
        }

        return true;
    }

    private static bool Holds(KeyEntry key)
    {
        if (key.Id.Length is 0 or > LongestId || key.Purpose.Name.Length is 0 or > LongestPurpose || key.Bits is < 256 or > 16384)
            return false;
        if (key.Reserved is < 0 or > Envelope.MessageLimit)
            return false;
        if (!key.Algorithm.Signs() && !IsSealingId(key.Id))
            return false;
        return key.State switch
        {
            // A destroyed key has nothing left.
            KeyState.Destroyed => key.Sealed.IsEmpty && key.PublicKey.IsEmpty,

            // A retired signing key has given up its private half, a retired sealing key still opens.
            KeyState.Retired => key.Retired is not null && key.Algorithm.Signs() != key.PublicKey.IsEmpty && key.Algorithm.Signs() == key.Sealed.IsEmpty,
            _ => !key.Sealed.IsEmpty && key.Algorithm.Signs() != key.PublicKey.IsEmpty,
        };
    }

    private static bool IsSealingId(string id) =>
        ulong.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && SealingKey.FormatId(number) == id;
}
