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

    /// <inheritdoc/>
    public override string ToString() => Name;
}
