namespace Portcullis.Gateway.Identity.Revocations;

/// <summary>What was revoked since the last reading.</summary>
/// <param name="Revocations">The revocations, in any order.</param>
/// <param name="Cursor">Where the next reading goes on.</param>
public sealed record RevocationReading(IReadOnlyList<Revocation> Revocations, long Cursor);
