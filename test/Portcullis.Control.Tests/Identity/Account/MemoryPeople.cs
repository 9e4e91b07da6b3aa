using System.Collections.Concurrent;
using Portcullis.Control.Identity.People;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>People in memory.</summary>
internal sealed class MemoryPeople(TimeProvider clock) : IPersonStore
{
    private readonly ConcurrentDictionary<string, Person> people = new(StringComparer.Ordinal);

    /// <summary>Tells whether a subject has a factor.</summary>
    public Func<string, bool> HasFactor { get; set; } = static _ => false;

    public Person this[string id] => people[id];

    public void Set(Person person) => people[person.Id] = person;

    public void Change(string id, Func<Person, Person> change) => people[id] = change(people[id]);

    public Task<Person?> FindByNameAsync(string name, CancellationToken cancellationToken) => Task.FromResult(Whole(people.Values.FirstOrDefault(person => person.Name == name)));

    public Task<Person?> FindByIdAsync(string id, CancellationToken cancellationToken) => Task.FromResult(Whole(people.GetValueOrDefault(id)));

    public Task<IReadOnlyList<Person>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Person>>([.. people.Values]);

    public Task<bool> TryAddAsync(NewPerson person, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> TryReplaceHashAsync(string id, string expected, string replacement, CancellationToken cancellationToken)
        => Task.FromResult(people.TryGetValue(id, out var person) && person.PasswordHash == expected && people.TryUpdate(id, person with { PasswordHash = replacement }, person));

    public Task<bool> TrySetPasswordAsync(string id, string? expectedHash, string hash, DateTimeOffset? temporaryUntil, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return Task.FromResult(people.TryGetValue(id, out var person) && (expectedHash is null || person.PasswordHash == expectedHash)
            && people.TryUpdate(id, person with { PasswordHash = hash, PasswordChanged = now, PasswordTemporaryUntil = temporaryUntil, DevicesSince = now }, person));
    }

    public Task<bool> TrySetTenantAsync(string id, string? tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> SetDisabledAsync(string id, bool isDisabled, CancellationToken cancellationToken) => throw new NotSupportedException();

    private Person? Whole(Person? person) => person is null ? null : person with { HasSecondFactor = HasFactor(person.Id) };
}
