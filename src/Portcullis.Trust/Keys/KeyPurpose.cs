namespace Portcullis.Trust.Keys;

/// <summary>
/// What a key may be used for. A key serves one purpose only (NIST SP 800-57 part 1, section 5.2), and its purpose is bound to its sealed
/// material, so a key can't be moved to another purpose by editing the ring. Names are persisted: they never change meaning.
/// </summary>
/// <param name="Name">Lower-case name, stored in the ring file.</param>
public sealed record KeyPurpose(string Name)
{
    /// <summary>Signs access tokens; its public keys are the JWKS.</summary>
    public static KeyPurpose TokenSigning { get; } = new("token-signing");

    /// <summary>Seals fields before they reach a database or file.</summary>
    public static KeyPurpose Data { get; } = new("data");

    /// <summary>Seals what a browser keeps for us: cookies and state parameters.</summary>
    public static KeyPurpose Cookie { get; } = new("cookie");

    /// <summary>Seals entries of the response cache.</summary>
    public static KeyPurpose Cache { get; } = new("cache");

    /// <summary>Signs what is evidence: checkpoints of the audit log, records of access reviews. The public half of a retired one is kept: old ones are verified for years.</summary>
    public static KeyPurpose Audit { get; } = new("audit");

    /// <summary>Seals backups.</summary>
    public static KeyPurpose Backup { get; } = new("backup");

    /// <summary>Every purpose there is.</summary>
    public static IReadOnlyList<KeyPurpose> All { get; } = [TokenSigning, Data, Cookie, Cache, Audit, Backup];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
