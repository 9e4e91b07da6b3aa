using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Roles;

namespace Portcullis.Commands;

/// <summary><c>user add NAME</c>: a person with a password.</summary>
internal static class UserAddCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "Name to sign in with: letters, digits and . _ - + @ of ASCII; a mail address is one" };
        var shown = new Option<string?>("--display-name") { Description = $"The name that is shown, of any script, at most {NewPerson.LongestDisplayName} characters" };
        var mfa = new Option<bool>("--require-mfa") { Description = "Signing in takes a second factor, which is enrolled at the first sign-in" };
        var granted = new Option<string[]>("--role", "-r") { Description = "A role of the configuration; may be repeated", AllowMultipleArgumentsPerToken = true };
        var tenant = UserTenantCommand.Option();
        var password = new PasswordEntry();
        var output = OutputOption.Create();
        return CommandStore.Verb(new("add", "Adds a person; asks for their password") { name, shown, mfa, granted, tenant, password.FromInput, password.Generate, password.Keep, output }, async (parsed, store) =>
        {
            if (!SignInName.TryRead(parsed.GetRequiredValue(name), out var spelling))
                return Complaint.Write(parsed, $"'{Printing.Printable(parsed.GetRequiredValue(name))}' is no name to sign in with", $"use 1 to {SignInName.MaximumLength} letters, digits and . _ - + @ of ASCII; --display-name takes any script");
            if (SubjectId.TryRead(spelling, out _)) return Complaint.Write(parsed, $"'{spelling}' has the form of a subject", "take a name that no subject can be mistaken for");
            var display = parsed.GetValue(shown)?.Trim();
            if (display is { Length: 0 or > NewPerson.LongestDisplayName } || display?.Any(char.IsControl) == true)
                return Complaint.Write(parsed, "the display name is empty, too long or has control characters", $"use 1 to {NewPerson.LongestDisplayName} printable characters");

            if (parsed.GetValue(tenant) is { } named && !UserTenantCommand.IsName(parsed, named)) return 1;
            string[] roles = [.. (parsed.GetValue(granted) ?? []).Distinct(StringComparer.Ordinal)];
            if (roles.Length > 0 && !MayHave(parsed, store, roles)) return 1;

            // Before anybody types a password for nothing.
            var stores = await store.PeopleAsync();
            if (await stores.People.FindByNameAsync(spelling, CancellationToken.None) is not null) return Taken(parsed, spelling);
            if (await UserPasswordCommand.ReadAsync(parsed, store, password, [spelling, display ?? string.Empty]) is not { } entered) return 1;

            var person = new NewPerson
            {
                Name = spelling,
                DisplayName = display,
                PasswordHash = entered.Hash,
                PasswordTemporaryUntil = entered.TemporaryUntil,
                RequiresMfa = parsed.GetValue(mfa),
                Tenant = parsed.GetValue(tenant),
            };
            if (!await stores.People.TryAddAsync(person, CancellationToken.None)) return Taken(parsed, spelling);
            if (roles.Length > 0 && !await GrantAsync(parsed, store, person, roles)) return 1;
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                ? JsonSerializer.Serialize(new { subject = person.Id, name = person.Name, displayName = person.DisplayName, requiresMfa = person.RequiresMfa, tenant = person.Tenant, passwordUntil = entered.TemporaryUntil, password = entered.Generated, roles })
                : $"user {person.Name} added; subject {person.Id}{(entered.Generated is { } drawn ? $"; the password, shown only now:\n{drawn}" : string.Empty)}");
            return 0;
        });
    }

    // Somebody who may not have all of them is not added without: whoever asked looks again.
    private static bool MayHave(ParseResult parsed, CommandStore store, string[] roles)
    {
        if (store.Roles() is not { } defined) return false;
        for (var i = 0; i < roles.Length; i++)
        {
            if (defined.RefusalOfGrant(roles[..i], [], roles[i]) is not { } refusal) continue;
            Complaint.Write(parsed, $"role {Printing.Printable(roles[i])} is not granted: {refusal}", $"the configuration defines {(defined.Names.Count == 0 ? "no roles" : string.Join(", ", defined.Names.Order(StringComparer.Ordinal)))}; nobody was added");
            return false;
        }

        return true;
    }

    // A process that is stopped on the way leaves a person with fewer roles, never with more.
    private static async Task<bool> GrantAsync(ParseResult parsed, CommandStore store, NewPerson person, string[] roles)
    {
        if (store.Roles() is not { } defined) return false;
        using var grants = await store.GrantedRolesAsync();
        foreach (var role in roles)
        {
            if (await grants.GrantAsync(new RoleRequest(person.Id, role, RoleCommand.Operator()), defined) is not { } refusal) continue;
            Complaint.Write(parsed, $"user {person.Name} was added, but not granted {Printing.Printable(role)}: {refusal}", $"portcullis role grant {person.Name} ROLE");
            return false;
        }

        return true;
    }

    private static int Taken(ParseResult parsed, string name) => Complaint.Write(parsed, $"there is a user {name} already", "choose another name; names of disabled users stay taken");
}
