using System.CommandLine;
using Portcullis.Gateway.Identity;

namespace Portcullis.Commands;

/// <summary>
/// <c>client add|list|disable|enable</c>: the programs that may have tokens. A running node notices within a second.
/// </summary>
internal static class ClientCommand
{
    public static Command Create() => new("client", "Programs that get tokens, for themselves or for people")
    {
        ClientAddCommand.Create(),
        ClientListCommand.Create(),
        SetDisabled("disable", "Gives the client no more tokens, and ends those it has", true),
        SetDisabled("enable", "Lets a disabled client get tokens again", false),
    };

    /// <summary>A grant as operators name it.</summary>
    public static string ShortName(string grant) => grant == GrantNames.TokenExchange ? "token_exchange" : grant;

    private static Command SetDisabled(string verb, string description, bool isDisabled)
    {
        var id = new Argument<string>("ID") { Description = "client_id" };
        return CommandStore.Verb(new(verb, description) { id }, async (parsed, store) =>
        {
            var name = parsed.GetRequiredValue(id);
            return await (await store.ClientsAsync()).TrySetDisabledAsync(name, isDisabled)
                ? 0
                : Complaint.Write(parsed, $"there is no client {Printing.Printable(name)}", "portcullis client list shows them");
        });
    }
}
