using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Trust.Keys;

namespace Portcullis.Commands;

/// <summary>
/// <c>client add|list|disable|enable</c>: the programs that may have tokens. A running node notices within a second.
/// </summary>
internal static partial class ClientCommand
{
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
        return CommandStore.Verb(new("add", "Makes a client and prints its secret, once") { id, permissions, output }, async (parsed, store) =>
        {
            var name = parsed.GetRequiredValue(id);
            if (!Name().IsMatch(name)) return Complaint.Write(parsed, $"'{name}' is no client id", "use 1 to 64 letters, digits, dots, hyphens and underscores");

            var granted = parsed.GetValue(permissions) ?? [];
            if (granted.FirstOrDefault(permission => !PermissionName.IsValid(permission)) is { } wrong) return Complaint.Write(parsed, $"'{wrong}' is no permission", "write resource:action, as in orders:read");

            var secret = Secret.Generate().Reveal();
            var client = new OAuthClient(name, OAuthClient.HashSecret(secret), [.. granted.Distinct(StringComparer.Ordinal)], IsDisabled: false);
            if (!await (await store.ClientsAsync()).TryAddAsync(client)) return Complaint.Write(parsed, $"there is a client {name} already", "choose another id, or disable it and add a new one");

            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                ? JsonSerializer.Serialize(new { id = name, secret, permissions = client.Permissions })
                : $"client {name} added; its secret, shown only now:\n{secret}");
            return 0;
        });
    }

    private static Command List()
    {
        var output = OutputOption.Create();
        return CommandStore.Verb(new("list", "Lists the clients") { output }, async (parsed, store) =>
        {
            var all = await (await store.ClientsAsync()).ListAsync();
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
        return CommandStore.Verb(new(verb, description) { id }, async (parsed, store) =>
        {
            var name = parsed.GetRequiredValue(id);
            return await (await store.ClientsAsync()).TrySetDisabledAsync(name, isDisabled) ? 0 : Complaint.Write(parsed, $"there is no client {name}", "portcullis client list shows them");
        });
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
