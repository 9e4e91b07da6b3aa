namespace Portcullis.Gateway.Identity.Grants;

/// <summary>The decision about a refresh token. <c>default</c> gives nothing.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Grant">Its grant; null only for <see cref="RefreshOutcome.Unknown"/>.</param>
/// <param name="SealedSuccessor">For <see cref="RefreshOutcome.Repeated"/>: the successor as the first attempt sealed it. Otherwise empty.</param>
public readonly record struct RefreshDecision(RefreshOutcome Outcome, Grant? Grant, ReadOnlyMemory<byte> SealedSuccessor);
