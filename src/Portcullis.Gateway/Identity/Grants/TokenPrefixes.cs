namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What opaque tokens begin with. Frozen: stored hashes are over the whole text, and scanners look for it.</summary>
internal static class TokenPrefixes
{
    public const string Code = "pac_";
    public const string Refresh = "prt_";
}
