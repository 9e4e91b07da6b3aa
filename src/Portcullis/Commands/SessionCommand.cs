using System.CommandLine;
using System.Text.Json;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;

namespace Portcullis.Commands;

/// <summary><c>session list|end</c>: people's sessions in browsers. What is ended ends on every node within a second.</summary>
internal static class SessionCommand
{
    private const int MostListed = 10_000;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create() => new("session", "Sessions of people in browsers") { List(), End() };

    private static Command List()
    {
        var who = User("Only this person's");
        var output = OutputOption.Create();
        return CommandStore.Verb(new("list", $"Lists the sessions, the oldest first, at most {MostListed}") { who, output }, async (parsed, store) =>
        {
            var stores = await store.PeopleAsync();
            IReadOnlyList<Session> sessions;
            if (parsed.GetValue(who) is { } typed)
            {
                if (await UserCommand.FindAsync(parsed, stores.People, typed) is not { } person) return 1;
                sessions = await stores.Sessions.ListAsync(person.Id, CancellationToken.None);
            }
            else
            {
                sessions = await stores.Sessions.ListAllAsync(MostListed, CancellationToken.None);
            }

            // Those that are over are still there until the gateway tidies up.
            var rules = SessionRules.Of(store.Identity().Sessions);
            var listed = new List<(Session Session, string Name)>();
            var names = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var session in sessions.Where(session => !rules.IsOver(session, TimeProvider.System.GetUtcNow())))
            {
                if (!names.TryGetValue(session.Subject, out var name))
                    names[session.Subject] = name = (await stores.People.FindByIdAsync(session.Subject, CancellationToken.None))?.Name ?? string.Empty;
                listed.Add((session, name));
            }

            var writer = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == OutputOption.Json)
            {
                writer.WriteLine(JsonSerializer.Serialize(
                    listed.Select(each => new
                    {
                        Id = each.Session.Sid,
                        each.Session.Subject,
                        each.Name,
                        each.Session.Created,
                        each.Session.LastSeen,
                        Authenticated = each.Session.AuthenticatedAt,
                        each.Session.Methods,
                        each.Session.Device,
                        each.Session.Address,
                    }),
                    Json));
                return 0;
            }

            foreach (var (session, name) in listed)
                writer.WriteLine($"{session.Sid}  {name}  since {Time(session.Created)}, last seen {Time(session.LastSeen)}  {Printing.Printable(session.Device)}, {Printing.Printable(session.Address)}  ({string.Join(' ', session.Methods)})");
            return 0;
        });
    }

    private static Command End()
    {
        var id = new Argument<string?>("ID") { Description = "The session's id, as session list shows it", Arity = ArgumentArity.ZeroOrOne };
        var who = User("All sessions of this person");
        var output = OutputOption.Create();
        return CommandStore.Verb(new("end", "Ends a session, or all of a person's, with the grants and access tokens that came of them") { id, who, output }, async (parsed, store) =>
        {
            var (sid, typed) = (parsed.GetValue(id), parsed.GetValue(who));
            if (sid is null == typed is null)
            {
                Complaint.Write(parsed, "name either a session or a person", "portcullis session end ID, or portcullis session end --user NAME");
                return 2;
            }

            var stores = await store.PeopleAsync();
            string subject;
            IReadOnlyList<EndedSession> ended;
            if (sid is not null)
            {
                if (await stores.Sessions.FindBySidAsync(sid, CancellationToken.None) is not { } session)
                    return Complaint.Write(parsed, $"there is no session {Printing.Printable(sid)}", "portcullis session list shows them");
                await stores.Sessions.EndBySidAsync(session.Sid, CancellationToken.None);
                (subject, ended) = (session.Subject, [new EndedSession(session.Id, session.Sid)]);
            }
            else
            {
                if (await UserCommand.FindAsync(parsed, stores.People, typed!) is not { } person) return 1;
                (subject, ended) = (person.Id, await stores.Sessions.EndAllAsync(person.Id, except: null, TimeProvider.System.GetUtcNow(), CancellationToken.None));
            }

            await (await store.StandingAsync()).EndTokensAsync(subject, ended, CancellationToken.None);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(output) == OutputOption.Json
                ? JsonSerializer.Serialize(new { Ended = ended.Select(session => session.Sid) }, Json)
                : $"ended: {ended.Count}");
            return 0;
        });
    }

    private static Option<string?> User(string what) => new("--user") { Description = $"{what}: name to sign in with, or subject" };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
