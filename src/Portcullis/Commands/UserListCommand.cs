using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Identity.People;

namespace Portcullis.Commands;

/// <summary><c>user list</c>: the people, and how their accounts stand.</summary>
internal static class UserListCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create()
    {
        var output = OutputOption.Create();
        return CommandStore.Verb(new("list", "Lists the people") { output }, async (parsed, store) =>
        {
            var all = await (await store.PeopleAsync()).People.ListAsync(CancellationToken.None);
            var asking = await AskingRolesAsync(store);
            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == OutputOption.Json)
            {
                writer.WriteLine(JsonSerializer.Serialize(
                    all.Select(person => new
                    {
                        Subject = person.Id,
                        person.Name,
                        person.DisplayName,
                        person.Tenant,
                        Disabled = person.IsDisabled,
                        person.RequiresMfa,
                        RolesThatRequireMfa = asking[person.Id],
                        person.HasSecondFactor,
                        HasPassword = person.PasswordHash is not null,
                        person.PasswordChanged,
                        person.PasswordTemporaryUntil,
                        person.Created,
                    }),
                    Json));
                return 0;
            }

            foreach (var person in all)
            {
                writer.WriteLine(
                    $"{person.Id}  {(person.Name.Length > 0 ? person.Name : "(erased)")}{(person.DisplayName is { } shown ? $"  \"{Printing.Printable(shown)}\"" : string.Empty)}"
                    + $"{(person.Tenant is { } tenant ? $"  tenant {tenant}" : string.Empty)}{State(person, [.. asking[person.Id]])}");
            }

            return 0;
        });
    }

    private static string State(Person person, string[] asking)
    {
        List<string> words = [];
        if (person.IsDisabled) words.Add("disabled");
        if (person.HasSecondFactor) words.Add("second factor");
        else if (person.RequiresMfa || asking.Length > 0) words.Add("second factor to be enrolled" + (asking.Length > 0 ? " for role " + Printing.Printable(string.Join(", ", asking)) : string.Empty));
        if (person.PasswordHash is null) words.Add("no password");
        if (person.PasswordTemporaryUntil is { } end) words.Add(end > TimeProvider.System.GetUtcNow() ? $"password to be changed by {end.UtcDateTime:yyyy-MM-dd HH:mm}Z" : "temporary password that is over");
        return words.Count == 0 ? string.Empty : $"  ({string.Join(", ", words)})";
    }

    // The roles of each person that ask for a second factor; of nobody where no configuration is named that says which do.
    private static async Task<ILookup<string, string>> AskingRolesAsync(CommandStore store)
    {
        var defined = store.RolesIfNamed();
        using var grants = await store.GrantedRolesAsync();
        return (await grants.ListAsync()).Where(grant => defined.NeedsFactor(grant.Role)).ToLookup(grant => grant.Subject, grant => grant.Role, StringComparer.Ordinal);
    }
}
