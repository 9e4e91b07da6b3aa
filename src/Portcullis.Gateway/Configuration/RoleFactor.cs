namespace Portcullis.Gateway.Configuration;

/// <summary>What a role asks of how its holders signed in.</summary>
public enum RoleFactor
{
    /// <summary>Nothing.</summary>
    Optional = 0,

    /// <summary>A second factor: people who hold the role must have one, and what comes of it counts only where they used it.</summary>
    Required = 1,
}
