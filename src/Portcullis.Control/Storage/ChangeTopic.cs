namespace Portcullis.Control.Storage;

/// <summary>What change notices are about. Nodes of different versions exchange these names: they never change meaning.</summary>
public static class ChangeTopic
{
    /// <summary>Programs; the key is the client's id.</summary>
    public const string Clients = "clients";

    /// <summary>Persons: disabled, password or factors changed; the key is the person's id.</summary>
    public const string People = "people";

    /// <summary>Sessions that ended; the key is the session's id.</summary>
    public const string Sessions = "sessions";

    /// <summary>Revoked tokens, families, persons and clients; the key is kind, a colon and id.</summary>
    public const string Revocations = "revocations";

    /// <summary>API keys; the key is the id that it is listed by.</summary>
    public const string ApiKeys = "api-keys";

    /// <summary>Roles granted or taken; the key is kind of holder, a colon and id.</summary>
    public const string Roles = "roles";

    /// <summary>The key ring, or a subject's key.</summary>
    public const string Keys = "keys";
}
