using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portcullis.Control.Identity;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary>
/// <c>client add|list|disable|enable</c>: the programs that may have tokens. A running node notices within a second. They work on
/// the data directory of a gateway, and make none: a client in a directory that nobody serves would never get a token.
/// </summary>
internal static partial class ClientCommand
{
    private const string DefaultData = "./portcullis-data";

    private static readonly Option<string?> Data = new("--data") { Description = $"Data directory. Default: that of the configuration, or {DefaultData} without one" };

    private static readonly Option<string?> Config = new("--config", "-c") { Description = $"Configuration that names the data directory. Default: ./{ServeCommand.DefaultFile} where it is there" };

    public static Command Create() => new("client", "Programs that get tokens by the client-credentials grant")
    {
        Add(),
        List(),
        SetDisabled("disable", "Gives the client no more tokens; issued ones run out", true),
        SetDisabled("enable", "Lets a disabled client get tokens again", false),
    };

    private static Command Add()
    {
        var id = new Argument<string>("ID") { Description = "client_id: letters, digits, dots, hyphens and underscores" };
        var permissions = new Option<string[]>("--permission", "-p") { Description = "resource:action that its tokens may carry; may be repeated", AllowMultipleArgumentsPerToken = true };
        var output = OutputOption.Create();
        return Verb(new("add", "Makes a client and prints its secret, once") { id, permissions, output }, (parsed, clients) =>
        {
            var name = parsed.GetRequiredValue(id);
            if (!Name().IsMatch(name)) return Complaint.Write(parsed, $"'{name}' is no client id", "use 1 to 64 letters, digits, dots, hyphens and underscores");

            var granted = parsed.GetValue(permissions) ?? [];
            if (granted.FirstOrDefault(permission => !PermissionName.IsValid(permission)) is { } wrong) return Complaint.Write(parsed, $"'{wrong}' is no permission", "write resource:action, as in orders:read");

            var secret = Secret.Generate().Reveal();
            var client = new OAuthClient(name, OAuthClient.HashSecret(secret), [.. granted.Distinct(StringComparer.Ordinal)], IsDisabled: false);
            if (!clients().TryAdd(client)) return Complaint.Write(parsed, $"there is a client {name} already", "choose another id, or disable it and add a new one");

            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                ? JsonSerializer.Serialize(new { id = name, secret, permissions = client.Permissions })
                : $"client {name} added; its secret, shown only now:\n{secret}");
            return 0;
        });
    }

    private static Command List()
    {
        var output = OutputOption.Create();
        return Verb(new("list", "Lists the clients") { output }, (parsed, clients) =>
        {
            var all = clients().List();
            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == OutputOption.Json)
            {
                writer.WriteLine(JsonSerializer.Serialize(all.Select(client => new { id = client.Id, permissions = client.Permissions, disabled = client.IsDisabled })));
                return 0;
            }

            foreach (var client in all) writer.WriteLine($"{client.Id}{(client.IsDisabled ? " (disabled)" : string.Empty)}  {string.Join(' ', client.Permissions)}");
            return 0;
        });
    }

    private static Command SetDisabled(string verb, string description, bool isDisabled)
    {
        var id = new Argument<string>("ID") { Description = "client_id" };
        return Verb(new(verb, description) { id }, (parsed, clients) =>
        {
            var name = parsed.GetRequiredValue(id);
            return clients().TrySetDisabled(name, isDisabled) ? 0 : Complaint.Write(parsed, $"there is no client {name}", "portcullis client list shows them");
        });
    }

    // The clients are opened by the verb, after it has judged its own arguments.
    private static Command Verb(Command command, Func<ParseResult, Func<ClientFile>, int> action)
    {
        command.Options.Add(Data);
        command.Options.Add(Config);
        command.SetAction(parsed =>
        {
            try
            {
                return action(parsed, () => new ClientFile(DataDirectory.OpenExisting(DataPath(parsed)).Clients, TimeProvider.System));
            }
            catch (DataDirectoryException exception)
            {
                return Complaint.Write(parsed, exception.Message, exception.Hint);
            }
        });
        return command;
    }

    private static string DataPath(ParseResult parsed)
    {
        if (parsed.GetValue(Data) is { } named) return named;
        if ((parsed.GetValue(Config) ?? (File.Exists(ServeCommand.DefaultFile) ? ServeCommand.DefaultFile : null)) is not { } file) return DefaultData;

        // Other parts may have errors here that they have not where the gateway runs, as variables that are not set.
        var loaded = new ConfigurationLoader(PolicyKinds.All).LoadFile(file);
        return loaded.Problems.All.FirstOrDefault(problem => problem.IsError && problem.Path is "" or "data") is { } problem
            ? throw new DataDirectoryException($"{file} does not say where the data is: {problem.Message}", problem.Hint)
            : loaded.Bound.Data;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
