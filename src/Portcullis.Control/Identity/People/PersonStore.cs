using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Trust.Sealing;
using Entities = Portcullis.Control.Storage.Entities;

namespace Portcullis.Control.Identity.People;

/// <summary>
/// People in the database. Names are sealed under each person's own key and found by a keyed hash; password hashes are sealed under the ring's data key, so that who has the
/// database alone has nothing to guess at. Safe from any thread.
/// </summary>
internal sealed class PersonStore(Store store, SubjectSealer personal, Sealer sealer, NameHash names, TimeProvider clock) : IPersonStore
{
    /// <summary>Most people. One more is refused.</summary>
    public const int MostPeople = 100_000;

    /// <inheritdoc/>
    public async Task<Person?> FindByNameAsync(string name, CancellationToken cancellationToken)
    {
        var hash = await names.OfAsync(name, cancellationToken).ConfigureAwait(false);
        var found = await FindAsync(row => row.Where(person => person.NameHash == hash), cancellationToken).ConfigureAwait(false);
        return found is null ? null : ToPerson(found, name, displayName: null);
    }

    /// <inheritdoc/>
    public async Task<Person?> FindByIdAsync(string id, CancellationToken cancellationToken)
    {
        if (!SubjectId.TryRead(id, out var key)) return null;
        var found = await FindAsync(row => row.Where(person => person.Id == key), cancellationToken).ConfigureAwait(false);
        return found is null ? null : await OpenAsync(found, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Person>> ListAsync(CancellationToken cancellationToken)
    {
        var rows = await store.InPoolAsync(context => Rows(context, context.People).ToListAsync(cancellationToken)).ConfigureAwait(false);
        var people = new List<Person>(rows.Count);
        foreach (var row in rows) people.Add(await OpenAsync(row, cancellationToken).ConfigureAwait(false));
        return [.. people.OrderBy(person => person.Name, StringComparer.Ordinal).ThenBy(person => person.Id, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async Task<bool> TryAddAsync(NewPerson person, CancellationToken cancellationToken)
    {
        if (!SignInName.TryRead(person.Name, out var spelling) || spelling != person.Name) throw new ArgumentException("A name is stored in its one spelling.", nameof(person));
        if (SubjectId.TryRead(person.Name, out _)) throw new ArgumentException("A name must not be what a subject can be.", nameof(person));
        if (person.DisplayName is { Length: 0 or > NewPerson.LongestDisplayName }) throw new ArgumentException($"A display name has 1 to {NewPerson.LongestDisplayName} characters.", nameof(person));
        if (person.Tenant is { } tenant && !TenantName.IsValid(tenant)) throw new ArgumentException("A tenant has a name of letters, digits, hyphens and underscores.", nameof(person));
        var hash = await names.OfAsync(person.Name, cancellationToken).ConfigureAwait(false);

        // Asked first, so that a name that is taken leaves no key of a person behind who never was.
        if (await store.InPoolAsync(context => context.People.AnyAsync(row => row.NameHash == hash, cancellationToken)).ConfigureAwait(false)) return false;

        var id = Guid.ParseExact(person.Id, "N");
        var now = clock.GetUtcNow();
        var row = new Entities.Person
        {
            Id = id,
            NameHash = hash,
            Name = await Entities.Person.Names.SealAsync(personal, person.Id, id, person.Name, cancellationToken).ConfigureAwait(false) ?? throw Gone(person.Id),
            DisplayName = person.DisplayName is { } shown
                ? await Entities.Person.DisplayNames.SealAsync(personal, person.Id, id, shown, cancellationToken).ConfigureAwait(false) ?? throw Gone(person.Id)
                : null,
            PasswordHash = person.PasswordHash is { } password ? Entities.Person.PasswordHashes.Seal(sealer, id, password) : null,
            PasswordChanged = person.PasswordHash is null ? null : now,
            PasswordTemporaryUntil = person.PasswordHash is null ? null : person.PasswordTemporaryUntil,
            RequiresMfa = person.RequiresMfa,
            Tenant = person.Tenant,
            DevicesSince = now,
            Created = now,
        };
        return await store.InPoolAsync(context => TryInsertAsync(context, row, cancellationToken)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> TryReplaceHashAsync(string id, string expected, string replacement, CancellationToken cancellationToken)
        => ChangePasswordAsync(id, expected, row => row.PasswordHash = Entities.Person.PasswordHashes.Seal(sealer, row.Id, replacement), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TrySetPasswordAsync(string id, string? expectedHash, string hash, DateTimeOffset? temporaryUntil, CancellationToken cancellationToken)
        => ChangePasswordAsync(
            id,
            expectedHash,
            row =>
            {
                row.PasswordHash = Entities.Person.PasswordHashes.Seal(sealer, row.Id, hash);
                row.DevicesSince = clock.GetUtcNow();
                row.PasswordChanged = row.DevicesSince;
                row.PasswordTemporaryUntil = temporaryUntil;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TrySetTenantAsync(string id, string? tenant, CancellationToken cancellationToken)
    {
        if (tenant is not null && !TenantName.IsValid(tenant)) throw new ArgumentException("A tenant has a name of letters, digits, hyphens and underscores.", nameof(tenant));
        return !SubjectId.TryRead(id, out var key) ? Task.FromResult(false) : store.ChangeAsync(
            key,
            otherwise: false,
            async context =>
            {
                var row = await context.People.AsTracking().SingleAsync(person => person.Id == key, cancellationToken).ConfigureAwait(false);
                if (row.Tenant == tenant) return false;
                row.Tenant = tenant;
                await EndSessionsAsync(context, row, cancellationToken).ConfigureAwait(false);

                // A node that has not heard of it yet may issue a token of the former tenant for a moment longer.
                context.Revocations.Add(GrantRows.ToRow(new Revocation(RevocationKind.Subject, id, clock.GetUtcNow() + GrantStore.NoticeTime)));
                context.Announce(ChangeTopic.People, id);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> SetDisabledAsync(string id, bool isDisabled, CancellationToken cancellationToken) => !SubjectId.TryRead(id, out var key) ? Task.FromResult(false) : store.ChangeAsync(
        key,
        otherwise: false,
        async context =>
        {
            var row = await context.People.AsTracking().SingleAsync(person => person.Id == key, cancellationToken).ConfigureAwait(false);
            row.IsDisabled = isDisabled;
            context.Announce(ChangeTopic.People, id);
            if (!isDisabled) return true;

            row.DevicesSince = clock.GetUtcNow();
            await EndSessionsAsync(context, row, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    // No sign-in that began before comes to a session any more.
    private async Task EndSessionsAsync(StoreContext context, Entities.Person row, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (row.SessionsEnded is null || row.SessionsEnded < now) row.SessionsEnded = now;
        await context.Sessions.Where(session => session.PersonId == row.Id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static StoreException Gone(string id) => new($"the key of person {id} was destroyed", "a person whose data was erased does not come back: add another one");

    // The two look-ups in each row cost an index each, for who is there and who is not.
    private static IQueryable<Row> Rows(StoreContext context, IQueryable<Entities.Person> people) => people.Select(person => new Row(
        person,
        context.TotpSecrets.Any(totp => totp.PersonId == person.Id) || context.Passkeys.Any(passkey => passkey.PersonId == person.Id),
        context.SubjectKeys.Any(key => key.SubjectId == person.Id && key.Destroyed != null)));

    private Task<Row?> FindAsync(Func<IQueryable<Entities.Person>, IQueryable<Entities.Person>> which, CancellationToken cancellationToken)
        => store.InPoolAsync(context => Rows(context, which(context.People)).SingleOrDefaultAsync(cancellationToken));

    private async Task<bool> TryInsertAsync(StoreContext context, Entities.Person row, CancellationToken cancellationToken)
    {
        if (await context.People.CountAsync(cancellationToken).ConfigureAwait(false) >= MostPeople)
            throw new StoreException($"{store.Place} has {MostPeople} people, which is the most", "remove those who are gone");
        context.People.Add(row);
        context.Announce(ChangeTopic.People, SubjectId.Of(row.Id));
        try
        {
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DbUpdateException exception) when (store.IsDuplicate(exception))
        {
            return false;
        }
    }

    // What is stored differs each time it is sealed, so it is opened and compared while nobody else can change it.
    private Task<bool> ChangePasswordAsync(string id, string? expected, Action<Entities.Person> change, CancellationToken cancellationToken)
        => !SubjectId.TryRead(id, out var key) ? Task.FromResult(false) : store.ChangeAsync(
            key,
            otherwise: false,
            async context =>
            {
                var row = await context.People.AsTracking().SingleAsync(person => person.Id == key, cancellationToken).ConfigureAwait(false);
                if (expected is not null && !IsSame(expected, OpenHash(row))) return false;
                change(row);
                context.Announce(ChangeTopic.People, id);
                return true;
            },
            cancellationToken);

    private static bool IsSame(string expected, string? stored)
        => stored is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(stored));

    private string? OpenHash(Entities.Person row)
    {
        if (row.PasswordHash is not { } stored) return null;
        Entities.Person.PasswordHashes.OpenText(sealer, row.Id, stored, out var hash);
        return hash;
    }

    private async Task<Person> OpenAsync(Row row, CancellationToken cancellationToken)
    {
        var (person, subject) = (row.Person, SubjectId.Of(row.Person.Id));
        var name = await Entities.Person.Names.OpenAsync(personal, subject, person.Id, person.Name, cancellationToken).ConfigureAwait(false);
        var shown = person.DisplayName is { } stored ? await Entities.Person.DisplayNames.OpenAsync(personal, subject, person.Id, stored, cancellationToken).ConfigureAwait(false) : null;
        return ToPerson(row, name ?? string.Empty, shown);
    }

    private Person ToPerson(Row row, string name, string? displayName) => new()
    {
        Id = SubjectId.Of(row.Person.Id),
        Name = name,
        DisplayName = displayName,
        PasswordHash = OpenHash(row.Person),
        PasswordChanged = row.Person.PasswordChanged,
        PasswordTemporaryUntil = row.Person.PasswordTemporaryUntil,
        IsDisabled = row.Person.IsDisabled || row.IsErased,
        HasSecondFactor = row.HasSecondFactor,
        RequiresMfa = row.Person.RequiresMfa,
        Tenant = row.Person.Tenant,
        DevicesSince = row.Person.DevicesSince,
        Created = row.Person.Created,
    };

    private sealed record Row(Entities.Person Person, bool HasSecondFactor, bool IsErased);
}
