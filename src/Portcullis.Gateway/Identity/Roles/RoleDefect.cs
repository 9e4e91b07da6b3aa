namespace Portcullis.Gateway.Identity.Roles;

/// <summary>What is wrong with the roles of a configuration, and where.</summary>
public sealed record RoleDefect(bool IsError, string Path, string Text, string Hint);
