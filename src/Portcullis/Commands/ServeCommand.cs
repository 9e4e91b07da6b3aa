using System.CommandLine;
using System.Runtime.InteropServices;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Policies;
using Portcullis.Serving;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary><c>serve</c>: runs the gateway until it is told to stop. Without a configuration: the built-in demo.</summary>
internal static class ServeCommand
{
    /// <summary>The file that is taken where none is named.</summary>
    public const string DefaultFile = "portcullis.yaml";

    public static Command Create()
    {
        var config = new Option<string?>("--config", "-c") { Description = $"Configuration file. Default: ./{DefaultFile} where it is there, else the built-in demo" };
        var command = new Command("serve", "Runs the gateway") { config };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(config), cancellationToken));
        return command;
    }

    public static async Task<int> RunAsync(string? file, CancellationToken cancellationToken)
    {
        file ??= File.Exists(DefaultFile) ? DefaultFile : null;
        try
        {
            return file is null ? await ServeDemoAsync(cancellationToken) : await ServeFileAsync(file, cancellationToken);
        }
        catch (DataDirectoryException exception)
        {
            return Complaint.Write(exception.Message, exception.Hint);
        }
        catch (StoreException exception)
        {
            return Complaint.Write(exception.Message, exception.Hint);
        }
        catch (KeyRingException exception)
        {
            return Complaint.Write(exception.Message, exception.Hint);
        }
        catch (ListenerException exception)
        {
            return Complaint.Write(exception.Message, "see listeners and admin in the configuration");
        }
    }

    private static async Task<int> ServeFileAsync(string file, CancellationToken cancellationToken)
    {
        var loader = new ConfigurationLoader(PolicyKinds.All);
        LoadResult Load() => loader.LoadFile(file);
        return await ServeAsync(Load(), Load, file, (data, _) => Console.Out.WriteLineAsync($"portcullis runs {file}; data in {data.Path}"), cancellationToken);
    }

    private static async Task<int> ServeDemoAsync(CancellationToken cancellationToken)
    {
        await using var echo = await EchoUpstream.StartAsync();
        var loader = new ConfigurationLoader(PolicyKinds.All);
        LoadResult Load() => loader.Load(Demo.Configuration(echo.Address), "(built-in demo)", Directory.GetCurrentDirectory());

        return await ServeAsync(Load(), Load, watched: null, WelcomeAsync, cancellationToken);

        static async Task WelcomeAsync(DataDirectory data, NodeIdentity identity) => await Console.Out.WriteLineAsync(await Demo.WelcomeAsync(data, identity));
    }

    private static async Task<int> ServeAsync(LoadResult loaded, Func<LoadResult> load, string? watched, Func<DataDirectory, NodeIdentity, Task> welcome, CancellationToken cancellationToken)
    {
        if (loaded.Options is not { } options)
        {
            // What only the compiler finds is told too: all errors at once.
            await ConfigurationCompiler.CheckAsync(loaded.Bound, loaded.Problems);
            return Complaint.Write([.. loaded.Problems.All.Select(problem => problem.ToString())]);
        }

        var data = DataDirectory.Open(options.Data);
        using var loggers = ConsoleLog.Create(options.Telemetry.LogLevel, tellsConfiguration: watched is not null);

        // From before the start to the very end: without a handler a signal's own effect is to kill, also a process that drains, and in between
        // the web server's own would take it and stop nothing.
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using var registration = cancellationToken.Register(() => stop.TrySetResult());
        Reloads? reloads = null;
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Volatile.Read(ref reloads)?.Now();
        });
        var (node, problems) = await GatewayNode.StartAsync(loaded, data, loggers, cancellationToken);
        if (node is null) return Complaint.Write(problems);

        await using (node)
        {
            await using var watch = Reloads.Start(node, load, watched, loaded, loggers);
            Volatile.Write(ref reloads, watch);
            await welcome(data, node.Identity);
            await stop.Task;
        }

        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
    }
}
