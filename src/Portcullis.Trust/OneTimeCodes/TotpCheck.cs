namespace Portcullis.Trust.OneTimeCodes;

/// <summary>The judgement of a time-based code. The zero value refuses.</summary>
/// <param name="Outcome">What it is.</param>
/// <param name="Step">
/// The time step of an accepted code. Store it by one conditional change (<c>SET last_step = @step WHERE last_step &lt; @step</c>) and let nobody in
/// unless that changed a row: two uses at once then have one winner.
/// </param>
public readonly record struct TotpCheck(TotpOutcome Outcome, long Step);
