using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Portcullis.Control.Identity;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Identity;
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
        return await ServeAsync(loader.LoadFile(file), () => loader.LoadFile(file), data => Console.Out.WriteLine($"portcullis runs {file}; data in {data.Path}"), file, cancellationToken);
    }

    private static async Task<int> ServeDemoAsync(CancellationToken cancellationToken)
    {
        await using var echo = await EchoUpstream.StartAsync();
        var loader = new ConfigurationLoader(PolicyKinds.All);
        LoadResult Load() => loader.Load(Demo.Configuration(echo.Address), "(built-in demo)", Directory.GetCurrentDirectory());

        var loaded = Load();
        string? secret = null;
        if (loaded.Options is { } options)
        {
            var data = DataDirectory.Open(Path.GetFullPath(options.Data, loaded.Directory));
            var made = Secret.Generate().Reveal();
            if (new ClientFile(data.Clients, TimeProvider.System).TryAdd(new OAuthClient(Demo.ClientId, OAuthClient.HashSecret(made), Demo.ClientPermissions, IsDisabled: false))) secret = made;
        }

        return await ServeAsync(loaded, Load, data => Console.Out.WriteLine(Demo.Welcome(loaded.Options!.Data, secret)), file: null, cancellationToken);
    }

    private static async Task<int> ServeAsync(LoadResult loaded, Func<LoadResult> reload, Action<DataDirectory> welcome, string? file, CancellationToken cancellationToken)
    {
        if (loaded.Options is not { } options) return Complaint.Write([.. loaded.Problems.All.Select(problem => problem.ToString())]);

        var data = DataDirectory.Open(Path.GetFullPath(options.Data, loaded.Directory));
        using var loggers = ConsoleLog.Create(options.Telemetry.LogLevel);
        var (node, problems) = await GatewayNode.StartAsync(loaded, data, loggers, cancellationToken);
        if (node is null) return Complaint.Write(problems);

        await using (node)
        {
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                _ = node.ReloadAsync(reload());
            });
            await using var registration = cancellationToken.Register(stopped.SetResult);
            welcome(data);
            await stopped.Task;

            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                stopped.TrySetResult();
            }
        }

        return 0;
    }
}
