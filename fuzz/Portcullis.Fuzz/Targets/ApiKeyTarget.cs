using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.ApiKeys;
using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Fuzz.Targets;

/// <summary>What programs and people send as API keys, recovery codes and one-time codes: nothing throws, and a key has one spelling.</summary>
internal sealed class ApiKeyTarget : IFuzzTarget
{
    private readonly Portcullis.Trust.Keys.Secret secret = Portcullis.Trust.Keys.Secret.FromText("12345678901234567890");

    public string Name => "api-key";

    public IReadOnlyList<string> Dictionary { get; } = ["pk_", "0", "z", "-", " ", "00000", "o", "l", "\u0660", "\uff10", "755224"];

    public void Run(ReadOnlySpan<byte> input)
    {
        Span<byte> hash = stackalloc byte[32];
        if (ApiKeyText.TryHash(input, hash))
        {
            BrokenInvariantException.Unless(input.Length == ApiKeyText.Length && input.StartsWith("pk_"u8), "a key has the form of a key");
            BrokenInvariantException.Unless(SHA256.HashData(input).AsSpan().SequenceEqual(hash), "the hash is of what was sent");
        }

        var text = Encoding.UTF8.GetString(input);
        if (RecoveryCodes.TryHash(text, hash))
        {
            Span<byte> again = stackalloc byte[32];
            BrokenInvariantException.Unless(RecoveryCodes.TryHash(text.ToUpperInvariant(), again) && hash.SequenceEqual(again), "case is nothing in a recovery code");
        }

        var check = Totp.Verify(secret, text, 0, DateTimeOffset.UnixEpoch);
        BrokenInvariantException.Unless((check.Outcome == TotpOutcome.Accepted) == (check.Step > 0), "an accepted code has a step");
    }
}
