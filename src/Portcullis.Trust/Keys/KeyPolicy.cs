namespace Portcullis.Trust.Keys;

/// <summary>How the keys of one purpose are made and replaced.</summary>
public sealed record KeyPolicy
{
    /// <summary>What a retired signing key is kept beyond the lifetime of its last token: clock differences and nodes that learn late.</summary>
    public static readonly TimeSpan RetirementMargin = TimeSpan.FromMinutes(10);

    /// <summary>The purpose this policy governs.</summary>
    public required KeyPurpose Purpose { get; init; }

    /// <summary>The algorithm of new keys. Changing it replaces the active key in the ordinary way, with overlap.</summary>
    public required KeyAlgorithm Algorithm { get; init; }

    /// <summary>Modulus size of new RSA keys in bits: 2048 (default) to 4096. Other algorithms have one size.</summary>
    public int RsaBits { get; init; } = 2048;

    /// <summary>How long a new key is pending: published but not used. Must exceed the max-age of the JWKS. Default one hour.</summary>
    public TimeSpan LeadTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a key stays active before it is replaced. Null: only on command. Default 90 days.</summary>
    public TimeSpan? RotateEvery { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long a retired key is kept before it is destroyed. Null: until somebody destroys it, so that no data is lost to a clock.</summary>
    public TimeSpan? KeepRetired { get; init; }

    /// <summary>Keys that sign access tokens living no longer than <paramref name="longestToken"/>.</summary>
    public static KeyPolicy ForTokens(KeyAlgorithm algorithm, TimeSpan longestToken) =>
        new() { Purpose = KeyPurpose.TokenSigning, Algorithm = algorithm, KeepRetired = longestToken + RetirementMargin };

    /// <summary>Keys that seal stored data; a retired one stays until what it sealed has been sealed anew.</summary>
    public static KeyPolicy ForData() => new() { Purpose = KeyPurpose.Data, Algorithm = KeyAlgorithm.A256Gcm };

    /// <summary>Keys that seal cookies living no longer than <paramref name="longestCookie"/>.</summary>
    public static KeyPolicy ForCookies(TimeSpan longestCookie) =>
        new() { Purpose = KeyPurpose.Cookie, Algorithm = KeyAlgorithm.A256Gcm, KeepRetired = longestCookie + RetirementMargin };

    /// <summary>Keys that seal cache entries living no longer than <paramref name="longestEntry"/>.</summary>
    public static KeyPolicy ForCache(TimeSpan longestEntry) =>
        new() { Purpose = KeyPurpose.Cache, Algorithm = KeyAlgorithm.A256Gcm, KeepRetired = longestEntry + RetirementMargin };

    /// <summary>Keys that sign the audit log; the public half of a retired one stays until somebody destroys it.</summary>
    public static KeyPolicy ForAudit() => new() { Purpose = KeyPurpose.Audit, Algorithm = KeyAlgorithm.ES256 };

    /// <summary>Keys that seal backups; a retired one stays until somebody destroys it, and with it the backups that it sealed.</summary>
    public static KeyPolicy ForBackup() => new() { Purpose = KeyPurpose.Backup, Algorithm = KeyAlgorithm.A256Gcm };

    internal void Validate()
    {
        _ = Algorithm.Name();
        if (RsaBits is < 2048 or > 4096 || RsaBits % 256 != 0)
            throw new InvalidOperationException($"RSA keys have 2048 to 4096 bits in steps of 256, not {RsaBits}.");
        if (LeadTime < TimeSpan.Zero || RotateEvery <= LeadTime || KeepRetired < TimeSpan.Zero)
            throw new InvalidOperationException($"Purpose {Purpose}: times must not be negative and the rotation period must exceed the lead time.");
    }
}
