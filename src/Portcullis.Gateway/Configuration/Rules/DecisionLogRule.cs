using System.Runtime.InteropServices;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>
/// Whether the decision log could be written, for <c>check</c> alone: a warning and no error, because who checks may be another user on another
/// machine than who serves. The system is asked for the right; nothing is made, opened or touched.
/// </summary>
internal static class DecisionLogRule
{
    private const string Key = "telemetry.decisionLog";
    private const string Hint = "records are dropped and counted until it can: let the gateway's user own that directory, or run check as the user and on the machine that serve runs on";

    // access(2).
    private const int MayEnter = 1;
    private const int MayWrite = 2;

    public static void Check(GatewayOptions options, ConfigurationProblems problems)
    {
        // Windows has no such question; there the log says it, as event 1301.
        if (OperatingSystem.IsWindows() || options.Telemetry.DecisionLog is not { } file || Problem(file) is not { } problem) return;
        problems.Warning(Key, problem, Hint);
    }

    private static string? Problem(string file)
    {
        if (Directory.Exists(file)) return $"{Excerpt.Quote(file)} is a directory, not a file";
        if (File.Exists(file)) return Access(file, MayWrite) == 0 ? null : $"file {Excerpt.Quote(file)} can't be written by user {Environment.UserName}";

        // Directories that are not there are made, in the nearest one that is.
        var wanted = Path.GetDirectoryName(file);
        var nearest = wanted;
        while (nearest is not null && !Path.Exists(nearest)) nearest = Path.GetDirectoryName(nearest);
        if (wanted is null || nearest is null) return null;
        if (!Directory.Exists(nearest)) return $"{Excerpt.Quote(nearest)} is not a directory";
        if (Access(nearest, MayWrite | MayEnter) == 0) return null;
        return nearest == wanted
            ? $"directory {Excerpt.Quote(wanted)} can't be written by user {Environment.UserName}"
            : $"directory {Excerpt.Quote(wanted)} is not there and can't be made: {Excerpt.Quote(nearest)} can't be written by user {Environment.UserName}";
    }

    [DllImport("libc", EntryPoint = "access")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);
}
