namespace Portcullis.Control.Identity.Roles;

/// <summary>One thing that a review found.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Subject">Whose.</param>
/// <param name="About">The permission or role it is about; empty for the account itself.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Proposal">What to do; null where the evidence is not enough to propose anything.</param>
public sealed record AccessFinding(AccessFindingKind Kind, string Subject, string About, string Text, string? Proposal);
