using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Identity.People;

namespace Portcullis.Commands;

/// <summary>
/// <c>user add|list|disable|enable|set-tenant|reset-mfa|reset-password</c>: the people who sign in. A running node notices within a second.
/// </summary>
internal static class UserCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create() => new("user", "People who sign in")
    {
        UserAddCommand.Create(),
        UserListCommand.Create(),
        Disable(),
        Enable(),
        UserTenantCommand.Create(),
        ResetMfa(),
        UserPasswordCommand.Create(),
    };

    /// <summary>The argument that names a person.</summary>
    public static Argument<string> Who() => new("USER") { Description = "name to sign in with, or subject (32 hexadecimal digits)" };

    /// <summary>The person that a name or subject names; null, and complained about, where there is none.</summary>
    public static async Task<Person?> FindAsync(ParseResult parsed, IPersonStore people, string typed)
    {
        var person = SubjectId.TryRead(typed, out _) ? await people.FindByIdAsync(typed, CancellationToken.None) : null;
        if (person is null && SignInName.TryRead(typed, out var name)) person = await people.FindByNameAsync(name, CancellationToken.None);
        if (person is null) Complaint.Write(parsed, $"there is no user {Printing.Printable(typed)}", "portcullis user list shows them");
        return person;
    }

    private static Command Disable()
    {
        var who = Who();
        return CommandStore.Verb(new("disable", "Lets the person sign in no more; sessions, grants and tokens end") { who }, async (parsed, store) =>
        {
            var people = (await store.PeopleAsync()).People;
            if (await FindAsync(parsed, people, parsed.GetRequiredValue(who)) is not { } person) return 1;
            await people.SetDisabledAsync(person.Id, true, CancellationToken.None);

            // Also where they were disabled: a process that was stopped on the way left something.
            await (await store.StandingAsync()).EndAsync(person.Id, StandingEnd.Disabled, except: null, CancellationToken.None);
            return 0;
        });
    }

    private static Command Enable()
    {
        var who = Who();
        return CommandStore.Verb(new("enable", "Lets a disabled person sign in again") { who }, async (parsed, store) =>
        {
            var people = (await store.PeopleAsync()).People;
            if (await FindAsync(parsed, people, parsed.GetRequiredValue(who)) is not { } person) return 1;
            await people.SetDisabledAsync(person.Id, false, CancellationToken.None);
            return (await people.FindByIdAsync(person.Id, CancellationToken.None)) is { IsDisabled: false }
                ? 0
                : Complaint.Write(parsed, $"the data of user {person.Id} was erased", "who was erased does not come back: add another user");
        });
    }

    private static Command ResetMfa()
    {
        var (who, output) = (Who(), OutputOption.Create());
        return CommandStore.Verb(
            new("reset-mfa", "Takes one-time codes, passkeys and recovery codes away, for who lost them; sessions and grants end. The next sign-in enrols anew where a second factor is required") { who, output },
            async (parsed, store) =>
            {
                var stores = await store.PeopleAsync();
                if (await FindAsync(parsed, stores.People, parsed.GetRequiredValue(who)) is not { } person) return 1;
                var totp = await stores.Factors.RemoveTotpAsync(person.Id, CancellationToken.None);
                await stores.Factors.ReplaceRecoveryCodesAsync(person.Id, [], CancellationToken.None);
                var passkeys = await stores.Passkeys.ListAsync(person.Id, CancellationToken.None);
                foreach (var passkey in passkeys) await stores.Passkeys.RemoveAsync(person.Id, passkey.CredentialId, CancellationToken.None);
                await (await store.StandingAsync()).EndAsync(person.Id, StandingEnd.FactorsReset, except: null, CancellationToken.None);

                parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                    ? JsonSerializer.Serialize(new { Subject = person.Id, OneTimeCodes = totp, Passkeys = passkeys.Count }, Json)
                    : $"removed: {(totp ? "one-time codes" : "no one-time codes")}, {passkeys.Count} passkeys, all recovery codes"
                        + (person.PasswordHash is null ? "\nThis person has no password: without a passkey they can't sign in until portcullis user reset-password" : string.Empty));
                return 0;
            });
    }
}
