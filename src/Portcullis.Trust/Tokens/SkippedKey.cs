namespace Portcullis.Trust.Tokens;

/// <summary>A key of a set that is not used, and why.</summary>
/// <param name="KeyId">Its <c>kid</c>, if it has one. Text of the other side: escape before logging.</param>
/// <param name="Reason">One of a few fixed texts.</param>
public sealed record SkippedKey(string? KeyId, string Reason);
