using System.CommandLine;
using Portcullis.Control.Identity.People;
using Portcullis.Trust.Passwords;

namespace Portcullis.Commands;

/// <summary><c>user reset-password USER</c>: another password, for who forgot theirs.</summary>
internal static class UserPasswordCommand
{
    public static Command Create()
    {
        var who = UserCommand.Who();
        var password = new PasswordEntry();
        return CommandStore.Verb(new("reset-password", "Sets another password; sessions and grants end, known devices are strangers") { who, password.FromInput, password.Generate, password.Keep }, async (parsed, store) =>
        {
            var people = (await store.PeopleAsync()).People;
            if (await UserCommand.FindAsync(parsed, people, parsed.GetRequiredValue(who)) is not { } found) return 1;
            var person = await people.FindByIdAsync(found.Id, CancellationToken.None) ?? found;
            if (await ReadAsync(parsed, store, password, [person.Name, person.DisplayName ?? string.Empty]) is not { } entered) return 1;
            if (!await people.TrySetPasswordAsync(person.Id, expectedHash: null, entered.Hash, entered.TemporaryUntil, CancellationToken.None)) return Complaint.Write(parsed, "the user is gone", "portcullis user list shows them");
            await (await store.StandingAsync()).EndAsync(person.Id, StandingEnd.PasswordChanged, except: null, CancellationToken.None);
            if (entered.Generated is { } shown) parsed.InvocationConfiguration.Output.WriteLine($"the password, shown only now:\n{shown}");
            return 0;
        });
    }

    /// <summary>A password that was read and judged by the configuration's rules; null, and complained about, where there is none.</summary>
    public static async Task<EnteredPassword?> ReadAsync(ParseResult parsed, CommandStore store, PasswordEntry entry, IEnumerable<string> personWords)
    {
        var (issuer, options, _) = store.Identity();
        string[] service = Uri.TryCreate(issuer, UriKind.Absolute, out var address) ? [address.Host, .. options.ServiceWords] : [.. options.ServiceWords];
        if (entry.Read(parsed, new PasswordRules(options.MinimumLength, service), personWords) is not { } password) return null;
        using var hasher = new PasswordHasher(PasswordCost.Of(options.Iterations), concurrency: 1);
        if (await hasher.HashAsync(password, CancellationToken.None) is not { } hash) return null;
        return new EnteredPassword(hash, parsed.GetValue(entry.Keep) ? null : TimeProvider.System.GetUtcNow() + options.TemporaryLifetime, entry.Drawn);
    }
}
