namespace Portcullis.Control.Identity.Roles;

/// <summary>A review that was signed and kept.</summary>
/// <param name="Id">Names it: 32 lower-case hexadecimal digits.</param>
/// <param name="Reviewer">Who answers for it.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Due">When the next one is due.</param>
public sealed record ReviewRecord(string Id, string Reviewer, DateTimeOffset Created, DateTimeOffset Due);
