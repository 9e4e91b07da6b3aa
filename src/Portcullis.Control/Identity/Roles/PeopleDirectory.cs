using System.Collections.Concurrent;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity.People;
using GatewayPerson = Portcullis.Gateway.Identity.People.Person;
using StoredPerson = Portcullis.Control.Identity.People.Person;

namespace Portcullis.Control.Identity.Roles;

/// <summary>
/// People as the data plane knows them: who they are by the store, what they may do by their roles. Those in use are remembered, and forgotten when the feed tells
/// that they changed; while the feed is not current the database is asked.
/// </summary>
public sealed class PeopleDirectory : IPeople, IDisposable
{
    /// <summary>Most people that are remembered, about a kilobyte each. One more, and it begins anew.</summary>
    public const int MostRemembered = 20_000;

    private readonly IPersonStore people;
    private readonly Entitlements entitlements;
    private readonly ChangeFeed? changes;
    private readonly IDisposable? subscription;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, Remembered> remembered = new(StringComparer.Ordinal);
    private long notices;

    /// <param name="people">The people.</param>
    /// <param name="entitlements">What they may do.</param>
    /// <param name="changes">The node's feed; null: nobody is remembered.</param>
    public PeopleDirectory(IPersonStore people, Entitlements entitlements, ChangeFeed? changes = null)
    {
        this.people = people;
        this.entitlements = entitlements;
        this.changes = changes;
        subscription = changes?.Subscribe(ChangeTopic.People, ForgetAsync);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreException">The database had to be asked and can't be read.</exception>
    public ValueTask<GatewayPerson?> FindAsync(string subject, CancellationToken cancellationToken)
    {
        // A token or session names a person; whatever else it names is nobody, and not worth asking for.
        if (!Holder.IsOfPerson(subject, out _)) return new((GatewayPerson?)null);
        if (changes is { IsCurrent: true } && remembered.TryGetValue(subject, out var known) && known.Version == entitlements.Version) return new(known.Person);
        return new(Task.Run(() => ReadAsync(subject, cancellationToken), cancellationToken));
    }

    /// <inheritdoc/>
    public void Dispose() => subscription?.Dispose();

    private async Task<GatewayPerson?> ReadAsync(string subject, CancellationToken cancellationToken)
    {
        // Read before the database is: what changes meanwhile shows by another number, and the answer is given once and not remembered.
        var seen = Volatile.Read(ref notices);
        var version = entitlements.Version;
        if (await people.FindByIdAsync(subject, cancellationToken).ConfigureAwait(false) is not { IsDisabled: false } person) return null;
        var (always, more) = await entitlements.ResolvePersonAsync(subject, cancellationToken).ConfigureAwait(false);
        var found = ToPerson(person, always, more);
        if (changes is not null) Remember(subject, new(version, found), seen);
        return found;
    }

    private static GatewayPerson ToPerson(StoredPerson person, PersonRights always, PersonRights? more) => new()
    {
        Subject = person.Id,
        Permissions = always.Permissions,
        Roles = always.Roles,
        BySeveralFactors = more,
        Name = person.DisplayName,
        UserName = person.Name.Length == 0 ? null : person.Name,
        Tenant = person.Tenant,
    };

    private void Remember(string subject, Remembered one, long seen)
    {
        lock (gate)
        {
            if (notices != seen) return;
            if (remembered.Count >= MostRemembered) remembered.Clear();
            remembered[subject] = one;
        }
    }

    private ValueTask ForgetAsync(string? subject, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            notices++;
            if (subject is null) remembered.Clear();
            else remembered.TryRemove(subject, out _);
        }

        return default;
    }

    private sealed record Remembered(long Version, GatewayPerson Person);
}
