namespace Portcullis.Commands;

/// <summary>A password that a verb sets for somebody.</summary>
/// <param name="Hash">What is stored of it.</param>
/// <param name="TemporaryUntil">Until when its person can use it to choose another one; null: it is theirs to keep.</param>
/// <param name="Generated">The password itself, to be shown once, where it was drawn here; else null.</param>
internal sealed record EnteredPassword(string Hash, DateTimeOffset? TemporaryUntil, string? Generated);
