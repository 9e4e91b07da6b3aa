namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>Keys that the documentation of later versions has. They are unknown keys like any other, with a hint that tells.</summary>
internal static class LaterKeys
{
    public static bool Contains(string parent, string key) => parent switch
    {
        "" => key is "alerts" or "playbooks" or "retention" or "backup",
        _ => parent.StartsWith("routes.", StringComparison.Ordinal) && parent.EndsWith(".policies", StringComparison.Ordinal) && key is "schema" or "cache",
    };
}
