namespace Portcullis.Gateway.Identity.Roles;

/// <summary>Two permissions that exclude each other and would be in one hand.</summary>
public sealed record SeparationConflict(string First, Grant FirstBy, string Second, Grant SecondBy)
{
    /// <summary>One sentence for people.</summary>
    public string Text => FirstBy == SecondBy
        ? $"{First} and {Second} exclude each other, and {FirstBy.Permission} ({FirstBy.Way}) grants both"
        : $"{First} ({FirstBy.Way}) and {Second} ({SecondBy.Way}) exclude each other";
}
