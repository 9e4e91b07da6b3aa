using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Identity.People;
using Portcullis.Trust.Passwords;

namespace Portcullis.Commands;

/// <summary><c>user add NAME</c>: a person with a password.</summary>
internal static class UserAddCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "Name to sign in with: letters, digits and . _ - + @ of ASCII; a mail address is one" };
        var shown = new Option<string?>("--display-name") { Description = $"The name that is shown, of any script, at most {NewPerson.LongestDisplayName} characters" };
        var mfa = new Option<bool>("--require-mfa") { Description = "Signing in takes a second factor, which is enrolled at the first sign-in" };
        var password = new PasswordEntry();
        var output = OutputOption.Create();
        return CommandStore.Verb(new("add", "Adds a person; asks for their password") { name, shown, mfa, password.FromInput, output }, async (parsed, store) =>
        {
            if (!SignInName.TryRead(parsed.GetRequiredValue(name), out var spelling))
                return Complaint.Write(parsed, $"'{Printing.Printable(parsed.GetRequiredValue(name))}' is no name to sign in with", $"use 1 to {SignInName.MaximumLength} letters, digits and . _ - + @ of ASCII; --display-name takes any script");
            if (SubjectId.TryRead(spelling, out _)) return Complaint.Write(parsed, $"'{spelling}' has the form of a subject", "take a name that no subject can be mistaken for");
            var display = parsed.GetValue(shown)?.Trim();
            if (display is { Length: 0 or > NewPerson.LongestDisplayName } || display?.Any(char.IsControl) == true)
                return Complaint.Write(parsed, "the display name is empty, too long or has control characters", $"use 1 to {NewPerson.LongestDisplayName} printable characters");

            // Before anybody types a password for nothing.
            var stores = await store.PeopleAsync();
            if (await stores.People.FindByNameAsync(spelling, CancellationToken.None) is not null) return Taken(parsed, spelling);
            if (await UserPasswordCommand.ReadAsync(parsed, store, password, [spelling, display ?? string.Empty]) is not { } hash) return 1;

            var person = new NewPerson { Name = spelling, DisplayName = display, PasswordHash = hash, RequiresMfa = parsed.GetValue(mfa) };
            if (!await stores.People.TryAddAsync(person, CancellationToken.None)) return Taken(parsed, spelling);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                ? JsonSerializer.Serialize(new { subject = person.Id, name = person.Name, displayName = person.DisplayName, requiresMfa = person.RequiresMfa })
                : $"user {person.Name} added; subject {person.Id}");
            return 0;
        });
    }

    private static int Taken(ParseResult parsed, string name) => Complaint.Write(parsed, $"there is a user {name} already", "choose another name; names of disabled users stay taken");
}
