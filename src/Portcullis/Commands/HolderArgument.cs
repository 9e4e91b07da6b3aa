using System.CommandLine;
using Portcullis.Control.Identity.People;

namespace Portcullis.Commands;

/// <summary>A person or program, as verbs about roles and API keys name them.</summary>
internal static class HolderArgument
{
    /// <summary>In front of a program's id, which could else be taken for a person's name.</summary>
    private const string Client = "client:";

    /// <summary>The argument.</summary>
    public static Argument<string> Create() => new("WHO") { Description = "A person's name or subject (32 hexadecimal digits), or client:ID for a program" };

    /// <summary>The same where it may be left out.</summary>
    public static Argument<string?> CreateOptional() => new("WHO") { Description = "Only this person or program: a name, a subject, or client:ID. Default: all", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The subject; null where it names nobody, which has been complained about. Whether there is such a client shows by what follows.</summary>
    public static async Task<string?> ResolveAsync(ParseResult parsed, CommandStore store, string who)
    {
        if (who.StartsWith(Client, StringComparison.Ordinal))
        {
            var id = who[Client.Length..];
            if (!SubjectId.TryRead(id, out _) && await (await store.ClientsAsync()).FindAsync(id, CancellationToken.None) is not null) return id;
            Complaint.Write(parsed, $"there is no client {Printing.Printable(id)}", "portcullis client list shows them");
            return null;
        }

        var people = (await store.PeopleAsync()).People;
        var person = SubjectId.TryRead(who, out _) ? await people.FindByIdAsync(who, CancellationToken.None)
            : SignInName.TryRead(who, out var name) ? await people.FindByNameAsync(name, CancellationToken.None) : null;
        if (person is null) Complaint.Write(parsed, $"there is no person {Printing.Printable(who)}", "portcullis user list shows them; for a program write client:ID");
        return person?.Id;
    }

    /// <summary>How lists show a holder: with a person's name where it can be read.</summary>
    public static string Show(string subject, IReadOnlyDictionary<string, string> names)
        => names.TryGetValue(subject, out var name) ? $"{name} ({subject})" : SubjectId.TryRead(subject, out _) ? subject : Client + subject;

    /// <summary>The names of all people, by subject.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> NamesAsync(CommandStore store)
    {
        var all = await (await store.PeopleAsync()).People.ListAsync(CancellationToken.None);
        return all.Where(person => person.Name.Length > 0).ToDictionary(person => person.Id, person => person.Name, StringComparer.Ordinal);
    }
}
