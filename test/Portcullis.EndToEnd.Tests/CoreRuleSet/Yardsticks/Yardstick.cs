using System.Diagnostics;
using System.Net;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

/// <summary>A running web server with ModSecurity and the Core Rule Set, in front of a <see cref="ReflectingBackend"/>, all on loopback.</summary>
internal sealed class Yardstick : IAsyncDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ReflectingBackend backend = ReflectingBackend.Start();
    private Process? process;

    private Yardstick(ServerKind kind, RuleSource rules)
    {
        Port = Ports.Free();
        Log = directory.Write("error.log", string.Empty);
        Configuration = ServerFiles.Write(
            directory,
            kind.Template,
            ("SCRATCH", directory.Path),
            ("PORT", $"{Port}"),
            ("LOG", Log),
            ("BACKEND", $"{backend.Port}"),
            ("MODULES", Path.GetDirectoryName(kind.Module)!),
            ("RULES", $"Include {ServerFiles.WriteRules(directory, rules)}"));
        Endpoint = new($"{kind.Name} {rules.Name}", new(IPAddress.Loopback, Port), new ErrorLog(Log, new(IPAddress.Loopback, Port)));
    }

    public int Port { get; }

    public string Log { get; }

    public string Configuration { get; }

    public WafEndpoint Endpoint { get; }

    public static async Task<Yardstick> StartAsync(ServerKind kind, RuleSource rules)
    {
        Requirement.System(File.Exists(kind.Program) && File.Exists(kind.Module), $"{kind.Module} is not installed (Debian package {kind.Package})");
        var yardstick = new Yardstick(kind, rules);
        try
        {
            // A server that starts as root gives its rights up before it writes here.
            TemporaryDirectory.SetMode(yardstick.directory.Path, (UnixFileMode)0b111_111_111);
            await yardstick.StartAsync(kind);
            return yardstick;
        }
        catch
        {
            await yardstick.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().WithPatience();
            process.Dispose();
        }

        await backend.DisposeAsync();
        directory.Dispose();
    }

    private async Task StartAsync(ServerKind kind)
    {
        process = Process.Start(new ProcessStartInfo(kind.Program, kind.Arguments(directory.Path, Configuration, Log)) { RedirectStandardError = true })!;
        var complaints = process.StandardError.ReadToEndAsync();
        await Eventually.HoldsAsync(async () => process.HasExited || await Ports.IsOpenAsync(Port), $"{kind.Name} listens");
        if (process.HasExited) Assert.Fail($"{kind.Name} does not start: {await complaints}{File.ReadAllText(Log)}");
    }
}
