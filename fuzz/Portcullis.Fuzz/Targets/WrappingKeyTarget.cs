using System.Text;
using Portcullis.Trust.Keys;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The wrapping key's file under each protection, and the keys that protect it. All that is no such key is refused as a
/// <see cref="KeyRingException"/> or by false, and a refusal does not quote the text, which may be most of a secret.
/// </summary>
internal sealed class WrappingKeyTarget : IFuzzTarget
{
    private const string Known = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private const int FewestQuoted = 24;

    private readonly SecretEncryptionKey secret = SecretEncryptionKey.Parse("key", Encoding.ASCII.GetBytes(Known), "key");

    public string Name => "wrapping-key";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "portcullis-wrapping-key 1 ", "portcullis-wrapping-key 2 ", "portcullis-wrapping-key 3 ", " secret-key ", " pbkdf2-sha512 ", ".", "210000.", "2147483647.", "\n", "\r\n", " ", "=", "-", "_", "+", "/",
        "0123456789abcdef", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "\0", "\u00e9",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Refuses(input, bytes => WrappingKeyFile.Parse("wrapping.key", bytes, null).Dispose());
        Refuses(input, bytes => WrappingKeyFile.Parse("wrapping.key", bytes, secret).Dispose());
        Refuses(input, bytes => SecretEncryptionKey.Parse("key", bytes, "key").Dispose());

        // Not the passphrase: where the cost is right each input would take half a second.
        var unwrapped = new byte[WrappingKey.Size];
        if (secret.TryUnwrap(Encoding.Latin1.GetString(input), "id", unwrapped)) throw new BrokenInvariantException("nothing unwraps but what was wrapped");
    }

    private static void Refuses(ReadOnlySpan<byte> input, Action<byte[]> parse)
    {
        try
        {
            parse(input.ToArray());
        }
        catch (KeyRingException refusal)
        {
            BrokenInvariantException.Unless(refusal.Hint.Length > 0, "a refusal has a hint");
            if (input.Length >= FewestQuoted) BrokenInvariantException.Unless(!refusal.Message.Contains(Encoding.Latin1.GetString(input), StringComparison.Ordinal), "a refusal does not quote a key");
        }
    }
}
