namespace Portcullis.Trust.Sealing;

/// <summary>What opening a sealed value led to, with the value where it opened.</summary>
/// <param name="Outcome">Whether it opened, or why not.</param>
/// <param name="Plaintext">The value; null unless it opened.</param>
public readonly record struct UnsealResult(UnsealOutcome Outcome, byte[]? Plaintext);
