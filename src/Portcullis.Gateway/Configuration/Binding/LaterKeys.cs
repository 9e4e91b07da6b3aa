namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>Keys that the documentation of later versions has. They are unknown keys like any other, with a hint that tells.</summary>
internal static class LaterKeys
{
    public static bool Contains(string parent, string key) => parent switch
    {
        "" => key is "storage" or "roles" or "separationOfDuties" or "alerts" or "playbooks" or "retention" or "backup",
        "identity" => key is "session",
        _ => parent.StartsWith("routes.", StringComparison.Ordinal) && parent.EndsWith(".policies", StringComparison.Ordinal) && key is "schema" or "cache",
    };
}
