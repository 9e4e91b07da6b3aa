using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Keys;

/// <summary>The policies of a gateway's keys, one for each purpose.</summary>
public static class KeyPolicies
{
    /// <summary>No token lives longer than a day, which bounds <c>identity.accessToken.lifetime</c>.</summary>
    private static readonly TimeSpan LongestToken = TimeSpan.FromHours(24);

    /// <summary>Browsers keep no cookie longer (RFC 6265bis, section 5.5).</summary>
    private static readonly TimeSpan LongestCookie = TimeSpan.FromDays(400);

    /// <summary>No cache entry is kept longer.</summary>
    private static readonly TimeSpan LongestEntry = TimeSpan.FromDays(7);

    /// <summary>What the configuration asks for.</summary>
    public static IReadOnlyList<KeyPolicy> From(GatewayOptions options)
    {
        var rotation = options.Keys.Rotation;
        var algorithm = options.Identity?.AccessToken.Algorithm == "ES256" ? KeyAlgorithm.ES256 : KeyAlgorithm.RS256;
        return
        [
            KeyPolicy.ForTokens(algorithm, LongestToken) with { RotateEvery = rotation.TokenSigning },
            KeyPolicy.ForData() with { RotateEvery = rotation.Data },
            KeyPolicy.ForCookies(LongestCookie) with { RotateEvery = rotation.Cookie },
            KeyPolicy.ForCache(LongestEntry) with { RotateEvery = rotation.Cache },
            KeyPolicy.ForAudit() with { RotateEvery = rotation.Audit },
            KeyPolicy.ForBackup() with { RotateEvery = rotation.Backup },
        ];
    }

    /// <summary>For a command that replaces a key and is told no configuration: like the active one, and nothing by the clock.</summary>
    public static KeyPolicy Like(KeyEntry active)
    {
        var policy = From(new GatewayOptions()).FirstOrDefault(policy => policy.Purpose == active.Purpose) ?? throw new ArgumentException($"No such purpose: {active.Purpose}.", nameof(active));
        return policy with { Algorithm = active.Algorithm, RsaBits = active.Algorithm == KeyAlgorithm.RS256 ? active.Bits : policy.RsaBits, RotateEvery = null };
    }
}
