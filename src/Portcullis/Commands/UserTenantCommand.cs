using System.CommandLine;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Policies.Authorize;

namespace Portcullis.Commands;

/// <summary><c>user set-tenant USER [TENANT]</c>: moves a person to another tenant.</summary>
internal static class UserTenantCommand
{
    public static Command Create()
    {
        var who = UserCommand.Who();
        var tenant = new Argument<string?>("TENANT") { Description = "The tenant that they belong to from now on. Left out: none", Arity = ArgumentArity.ZeroOrOne };
        return CommandStore.Verb(new("set-tenant", "Moves a person to another tenant, or to none; sessions, grants and tokens end, API keys go along") { who, tenant }, async (parsed, store) =>
        {
            var named = parsed.GetValue(tenant);
            if (named is not null && !IsName(parsed, named)) return 1;
            var people = (await store.PeopleAsync()).People;
            if (await UserCommand.FindAsync(parsed, people, parsed.GetRequiredValue(who)) is not { } person) return 1;
            await people.TrySetTenantAsync(person.Id, named, CancellationToken.None);

            // Also where they belonged to it already: a process that was stopped on the way left grants.
            await (await store.StandingAsync()).EndAsync(person.Id, StandingEnd.TenantChanged, except: null, CancellationToken.None);
            return 0;
        });
    }

    /// <summary>The option that names a tenant.</summary>
    public static Option<string?> Option() => new("--tenant") { Description = "The tenant that the person belongs to. Default: none" };

    /// <summary>Whether the text can name a tenant; complained about where not.</summary>
    public static bool IsName(ParseResult parsed, string text)
    {
        if (TenantName.IsValid(text)) return true;
        Complaint.Write(parsed, $"'{Printing.Printable(text)}' is no name of a tenant", "use 1 to 63 letters, digits, hyphens and underscores");
        return false;
    }
}
