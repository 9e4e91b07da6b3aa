using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tests;

/// <summary>Rings for tests. ES256, because making an RSA key takes longer than everything else together.</summary>
internal static class Rings
{
    public static readonly TimeSpan Lead = TimeSpan.FromHours(1);
    public static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);
    public static readonly TimeSpan Period = TimeSpan.FromDays(90);

    public static KeyPolicy Tokens { get; } = KeyPolicy.ForTokens(KeyAlgorithm.ES256, TokenLife);

    public static IReadOnlyList<KeyPolicy> Policies { get; } = [Tokens, KeyPolicy.ForData(), KeyPolicy.ForCookies(TimeSpan.FromHours(12))];

    public static KeyRing Open(TemporaryDirectory directory, TimeProvider clock) => KeyRing.Open(directory.Keys, Policies, clock);

    public static KeyEntry Find(this KeyRing ring, KeyPurpose purpose, KeyState state) =>
        ring.Current.Keys.Single(key => key.Purpose == purpose && key.State == state);

    public static KeyState StateOf(this KeyRing ring, string id) => ring.Current.Keys.Single(key => key.Id == id).State;
}
