namespace Portcullis.Trust.Keys;

/// <summary>One key of the ring as people see it. Holds no secret: the material in it is sealed.</summary>
public sealed record KeyEntry
{
    /// <summary>RFC 7638 thumbprint for signing keys (also the <c>kid</c>), 16 hexadecimal digits for sealing keys.</summary>
    public required string Id { get; init; }

    /// <summary>What the key is for.</summary>
    public required KeyPurpose Purpose { get; init; }

    /// <summary>What the key computes.</summary>
    public required KeyAlgorithm Algorithm { get; init; }

    /// <summary>Modulus or key size in bits.</summary>
    public required int Bits { get; init; }

    /// <summary>Where the key stands in its life.</summary>
    public required KeyState State { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it becomes, or became, active.</summary>
    public required DateTimeOffset Activates { get; init; }

    /// <summary>When it stopped making anything new.</summary>
    public DateTimeOffset? Retired { get; init; }

    /// <summary>When it is, or was, destroyed. Null: kept until somebody destroys it.</summary>
    public DateTimeOffset? Destroys { get; init; }

    /// <summary>Messages that processes have been allowed to seal under this key so far; an upper bound of those sealed.</summary>
    public long Reserved { get; init; }

    /// <summary>SubjectPublicKeyInfo of a signing key; empty otherwise and after destruction.</summary>
    internal ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>The private or secret half, sealed under the wrapping key; empty once given up.</summary>
    internal ReadOnlyMemory<byte> Sealed { get; init; }
}
