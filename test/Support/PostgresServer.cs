using System.Diagnostics;
using System.Globalization;

namespace Portcullis.Testing;

/// <summary>
/// The real PostgreSQL of the system in a throwaway cluster: a directory of its own, a socket in it, no port. One for all tests of a process, started by
/// the first that asks; each test takes a database of its own.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Package = "postgresql";

    private static readonly SemaphoreSlim Starting = new(1);
    private static PostgresServer? shared;
    private static int databases;

    private readonly string directory;
    private readonly string programs;

    private PostgresServer(string directory, string programs)
    {
        this.directory = directory;
        this.programs = programs;
    }

    /// <summary>Skips the test, or fails it, where PostgreSQL is not installed.</summary>
    public static async Task<PostgresServer> SharedAsync()
    {
        await Starting.WaitAsync();
        try
        {
            return shared ??= await StartAsync();
        }
        finally
        {
            Starting.Release();
        }
    }

    /// <summary>Ends the shared server, if a test started it.</summary>
    public static async Task EndSharedAsync()
    {
        if (Interlocked.Exchange(ref shared, null) is { } server) await server.DisposeAsync();
    }

    /// <summary>A new, empty database; gives its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref databases)}");
        await RunAsync("createdb", "--host", directory, "--username", "postgres", name);
        return $"Host={directory};Username=postgres;Database={name};Maximum Pool Size=20";
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("pg_ctl", "--pgdata", Path.Combine(directory, "data"), "--mode", "immediate", "--silent", "stop");
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<PostgresServer> StartAsync()
    {
        // Debian keeps these programs by version, outside of PATH.
        const string Versions = "/usr/lib/postgresql";
        var programs = Directory.Exists(Versions)
            ? Directory.GetDirectories(Versions).Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        if (programs is null) Requirement.Missing($"PostgreSQL is not installed (Debian package {Package})");

        var directory = Directory.CreateTempSubdirectory("portcullis-pg-").FullName;
        var server = new PostgresServer(directory, programs!);
        if (Environment.IsPrivilegedProcess) await ExecuteAsync("chown", "postgres", directory);
        var data = Path.Combine(directory, "data");
        await server.RunAsync("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-sync");
        await server.RunAsync(
            "pg_ctl", "--pgdata", data, "--log", Path.Combine(directory, "log"), "--wait", "--silent",
            "--options", $"-k {directory} -c listen_addresses= -c fsync=off -c max_connections=200", "start");
        return server;
    }

    // PostgreSQL refuses to run as root.
    private Task RunAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(programs, program);
        return Environment.IsPrivilegedProcess ? ExecuteAsync("runuser", ["-u", "postgres", "--", path, .. arguments]) : ExecuteAsync(path, arguments);
    }

    private static async Task ExecuteAsync(string program, params string[] arguments)
    {
        // From a directory that its user may enter.
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = "/", RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        _ = await process.StandardOutput.ReadToEndAsync().WithPatience();
        await process.WaitForExitAsync().WithPatience();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await errors}");
    }
}
