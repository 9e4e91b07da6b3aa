using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Identity.Roles;

namespace Portcullis.Commands;

/// <summary><c>role grant|revoke|list</c>: who has which of the roles that the configuration defines. A running node notices within a second, tokens that are out included.</summary>
internal static class RoleCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create() => new("role", "Roles of people and programs") { Grant(), Revoke(), List() };

    /// <summary>Who is at the keyboard, for the record of who granted.</summary>
    public static string Operator()
    {
        var name = Environment.UserName;
        return name.Length is 0 or > 128 ? "operator" : name;
    }

    private static Command Grant()
    {
        var who = HolderArgument.Create();
        var role = new Argument<string>("ROLE") { Description = "A role of the configuration" };
        var period = PeriodOption.Create("--for", "How long, as in 30d. Default: until it is taken back");
        return CommandStore.Verb(new("grant", "Grants a role, unless it would join duties that are separated") { who, role, period }, async (parsed, store) =>
        {
            if (store.Roles() is not { } roles) return 1;
            if (await HolderArgument.ResolveAsync(parsed, store, parsed.GetRequiredValue(who)) is not { } subject) return 1;
            var name = parsed.GetRequiredValue(role);
            using var grants = await store.GrantedRolesAsync();
            var end = parsed.GetValue(period) is { } length ? TimeProvider.System.GetUtcNow() + length : (DateTimeOffset?)null;
            return await grants.GrantAsync(new RoleRequest(subject, name, Operator(), end), roles) is { } refusal
                ? Complaint.Write(parsed, $"role {Printing.Printable(name)} is not granted: {refusal}", roles.Names.Contains(name) ? "portcullis role list WHO shows what is held; take one role back, or grant another" : $"the configuration defines {(roles.Names.Count == 0 ? "no roles" : string.Join(", ", roles.Names.Order(StringComparer.Ordinal)))}")
                : 0;
        });
    }

    private static Command Revoke()
    {
        var who = HolderArgument.Create();
        var role = new Argument<string>("ROLE") { Description = "A role that was granted, defined or not" };
        return CommandStore.Verb(new("revoke", "Takes a role back; tokens that are out lose its permissions within a second") { who, role }, async (parsed, store) =>
        {
            if (await HolderArgument.ResolveAsync(parsed, store, parsed.GetRequiredValue(who)) is not { } subject) return 1;
            var name = parsed.GetRequiredValue(role);
            using var grants = await store.GrantedRolesAsync();
            return await grants.RevokeAsync(subject, name) ? 0 : Complaint.Write(parsed, $"role {Printing.Printable(name)} is not held", "portcullis role list WHO shows what is held");
        });
    }

    private static Command List()
    {
        var who = HolderArgument.CreateOptional();
        var output = OutputOption.Create();
        return CommandStore.Verb(new("list", "Lists who has which role") { who, output }, async (parsed, store) =>
        {
            string? subject = null;
            if (parsed.GetValue(who) is { } named && (subject = await HolderArgument.ResolveAsync(parsed, store, named)) is null) return 1;
            using var grants = await store.GrantedRolesAsync();
            var all = await grants.ListAsync(subject);
            var names = await HolderArgument.NamesAsync(store);
            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == OutputOption.Json)
            {
                writer.WriteLine(JsonSerializer.Serialize(
                    all.Select(grant => new { grant.Subject, Name = names.GetValueOrDefault(grant.Subject), Person = grant.IsPerson, grant.Role, grant.GrantedBy, grant.Created, grant.Expires }), Json));
                return 0;
            }

            foreach (var grant in all)
                writer.WriteLine($"{HolderArgument.Show(grant.Subject, names)}  {grant.Role}  since {grant.Created.UtcDateTime:yyyy-MM-dd} by {Printing.Printable(grant.GrantedBy)}{(grant.Expires is { } end ? $", until {end.UtcDateTime:yyyy-MM-dd HH:mm}Z" : string.Empty)}");
            return 0;
        });
    }
}
