namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What opaque tokens begin with. Frozen: stored hashes are over the whole text, and scanners look for it.</summary>
public static class TokenPrefixes
{
    /// <summary>Authorization codes.</summary>
    public const string Code = "pac_";

    /// <summary>Refresh tokens.</summary>
    public const string Refresh = "prt_";
}
