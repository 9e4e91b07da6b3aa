using System.Text;
using Portcullis.Trust.Keys;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The ring's file: input is the body behind the first line, which is given its right authentication code, so that what lies behind that is
/// attacked too. It is refused as a <see cref="KeyRingException"/>, or read, and then written and read again as the same. As a whole file it is refused.
/// </summary>
internal sealed class KeyRingTarget : IFuzzTarget
{
    private static readonly WrappingKey Wrapping = new(new byte[WrappingKey.Size]);

    public string Name => "key-ring";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "\"wraps\"", "\"keys\"", "\"id\"", "\"purpose\"", "\"algorithm\"", "\"bits\"", "\"state\"", "\"created\"", "\"activates\"", "\"retired\"", "\"destroys\"",
        "\"reserved\"", "\"publicKey\"", "\"sealed\"", "active", "pending", "destroyed", "RS256", "ES256", "A256GCM", "token-signing", "data", "null", "-1", "4294967296",
        "9223372036854775807", "2030-01-01T00:00:00+00:00", "9999-12-31T23:59:59.9999999+00:00", "0123456789abcdef", "portcullis-key-ring 1 ", "\n", "AAAA",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        _ = KeyRingFormat.PeekWrappingKeyId(input);
        BrokenInvariantException.Unless(Read(input) is null, "nothing without its authentication code is a ring");

        if (Read(KeyRingFormat.Sign(input, Wrapping)) is not { } state) return;
        var again = Read(KeyRingFormat.Write(state, Wrapping));
        BrokenInvariantException.Unless(again is not null && again.Keys.Length == state.Keys.Length && again.Wraps == state.Wraps, "what was read is written as it was");

        // What has been read can be lived with, whatever the time.
        var now = new DateTimeOffset(2030, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var lifecycle = new KeyLifecycle([], new KeyFactory(Wrapping));
        BrokenInvariantException.Unless(KeyRingRules.Hold(lifecycle.Advance(state, now)), "a step in time keeps the rules");
    }

    private KeyRingState? Read(ReadOnlySpan<byte> file)
    {
        try
        {
            return KeyRingFormat.Read("ring", file, Wrapping);
        }
        catch (KeyRingException refusal)
        {
            BrokenInvariantException.Unless(refusal.Hint.Length > 0 && !Encoding.Latin1.GetString(file).Contains(refusal.Hint, StringComparison.Ordinal), "a refusal has a hint");
            return null;
        }
    }
}
