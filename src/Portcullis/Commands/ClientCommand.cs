using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portcullis.Control.Identity;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary><c>client add|list|disable|enable</c>: the programs that may have tokens. A running node notices within a second.</summary>
internal static partial class ClientCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data directory. Default: ./portcullis-data", DefaultValueFactory = _ => "./portcullis-data" };
        var output = OutputOption.Create();
        return new Command("client", "Programs that get tokens by the client-credentials grant")
        {
            Add(data, output),
            List(data, output),
            SetDisabled("disable", "Gives the client no more tokens; issued ones run out", true, data),
            SetDisabled("enable", "Lets a disabled client get tokens again", false, data),
        };
    }

    private static Command Add(Option<string> data, Option<string> output)
    {
        var id = new Argument<string>("ID") { Description = "client_id: letters, digits, dots, hyphens and underscores" };
        var permissions = new Option<string[]>("--permission", "-p") { Description = "resource:action that its tokens may carry; may be repeated", AllowMultipleArgumentsPerToken = true };
        var command = new Command("add", "Makes a client and prints its secret, once") { id, permissions, data, output };
        command.SetAction(parsed => Run(() =>
        {
            var name = parsed.GetRequiredValue(id);
            if (!Name().IsMatch(name)) return Complaint.Write($"'{name}' is no client id", "use 1 to 64 letters, digits, dots, hyphens and underscores");

            var granted = parsed.GetValue(permissions) ?? [];
            if (granted.FirstOrDefault(permission => !Permission().IsMatch(permission)) is { } wrong) return Complaint.Write($"'{wrong}' is no permission", "write resource:action, as in orders:read");

            var secret = Secret.Generate().Reveal();
            var client = new OAuthClient(name, OAuthClient.HashSecret(secret), [.. granted.Distinct(StringComparer.Ordinal)], IsDisabled: false);
            if (!Open(parsed.GetRequiredValue(data)).TryAdd(client)) return Complaint.Write($"there is a client {name} already", "choose another id, or disable it and add a new one");

            if (parsed.GetValue(output) == OutputOption.Json) Console.Out.WriteLine(JsonSerializer.Serialize(new { id = name, secret, permissions = client.Permissions }));
            else Console.Out.WriteLine($"client {name} added; its secret, shown only now:\n{secret}");
            return 0;
        }));
        return command;
    }

    private static Command List(Option<string> data, Option<string> output)
    {
        var command = new Command("list", "Lists the clients") { data, output };
        command.SetAction(parsed => Run(() =>
        {
            var clients = Open(parsed.GetRequiredValue(data)).List();
            if (parsed.GetValue(output) == OutputOption.Json)
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(clients.Select(client => new { id = client.Id, permissions = client.Permissions, disabled = client.IsDisabled })));
                return 0;
            }

            foreach (var client in clients) Console.Out.WriteLine($"{client.Id}{(client.IsDisabled ? " (disabled)" : string.Empty)}  {string.Join(' ', client.Permissions)}");
            return 0;
        }));
        return command;
    }

    private static Command SetDisabled(string verb, string description, bool isDisabled, Option<string> data)
    {
        var id = new Argument<string>("ID") { Description = "client_id" };
        var command = new Command(verb, description) { id, data };
        command.SetAction(parsed => Run(() =>
        {
            var name = parsed.GetRequiredValue(id);
            return Open(parsed.GetRequiredValue(data)).TrySetDisabled(name, isDisabled) ? 0 : Complaint.Write($"there is no client {name}", "portcullis client list shows them");
        }));
        return command;
    }

    private static ClientFile Open(string data) => new(DataDirectory.Open(data).Clients, TimeProvider.System);

    private static int Run(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (DataDirectoryException exception)
        {
            return Complaint.Write(exception.Message, exception.Hint);
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}:[A-Za-z0-9._-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Permission();
}
