using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Serving;
using Portcullis.Trust.Keys;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>What a node does by and by with the data of people.</summary>
public sealed class PeopleUpkeepTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task After_a_rotation_everything_is_sealed_anew_and_the_old_key_can_go_and_sessions_that_are_over_are_removed()
    {
        var data = DataDirectory.Open(directory.At("data"));
        await using var store = await Store.OpenAsync(data, new StorageOptions());
        using var ring = KeyRing.Open(data.Keys, [KeyPolicy.ForData() with { RotateEvery = null }], clock);
        using var people = new PeopleStores(store, ring, clock);
        var person = new NewPerson { Name = "ada", PasswordHash = "a-hash" };
        await people.People.TryAddAsync(person, default);
        var rules = new SessionRules(TimeSpan.FromDays(10), TimeSpan.FromDays(20), PerSubject: 5);
        await new SessionRegistry(people.Sessions, rules, clock).StartAsync(person.Id, clock.GetUtcNow(), ["pwd"], "a browser", "an address", null, default);
        var old = ring.Current.Keys.Single(key => key.State == KeyState.Active).Id;

        await using (PeopleUpkeep.Start(people, () => rules, NullLoggerFactory.Instance, clock))
        {
            // A rotation while the node runs, as by a verb.
            await Eventually.HoldsAsync(() => clock.ArmedTimers >= 2, "the node waits for its turn");
            clock.Advance(TimeSpan.FromSeconds(10));
            ring.Rotate(KeyPurpose.Data, immediately: true);
            await Eventually.HoldsAsync(
                async () =>
                {
                    clock.Advance(TimeSpan.FromSeconds(1));
                    foreach (var column in people.SealedColumns())
                    {
                        if ((await column.ReadStaleAsync(people.Sealer.CurrentPrefix(), null, 1, default)).Count > 0) return false;
                    }

                    return true;
                },
                "nothing lies under the old key");

            Assert.NotEmpty(await people.Sessions.ListAsync(person.Id, default));
            await Eventually.HoldsAsync(
                async () =>
                {
                    clock.Advance(TimeSpan.FromHours(1));
                    return (await people.Sessions.ListAsync(person.Id, default)).Count == 0;
                },
                "the session is gone");
        }

        Assert.Equal(DestroyOutcome.Destroyed, ring.Destroy(old));
        using var later = new PeopleStores(store, ring, clock);
        Assert.Equal(("ada", "a-hash"), await later.People.FindByIdAsync(person.Id, default) is { } found ? (found.Name, found.PasswordHash) : default);
    }

    [Fact]
    public async Task What_goes_wrong_once_ends_no_loop()
    {
        var data = DataDirectory.Open(directory.At("data"));
        await using var store = await Store.OpenAsync(data, new StorageOptions());
        using var ring = KeyRing.Open(data.Keys, [KeyPolicy.ForData() with { RotateEvery = null }], clock);
        using var people = new PeopleStores(store, ring, clock);
        var person = new NewPerson { Name = "ada", PasswordHash = "a-hash" };
        await people.People.TryAddAsync(person, default);
        var rules = new SessionRules(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), PerSubject: 5);
        await new SessionRegistry(people.Sessions, rules, clock).StartAsync(person.Id, clock.GetUtcNow(), ["pwd"], "a browser", "an address", null, default);

        // A driver that gives up by itself says so as one who was told to.
        var asked = 0;
        SessionRules Rules() => Interlocked.Increment(ref asked) == 1 ? throw new OperationCanceledException("a time of its own is over") : rules;
        await using var upkeep = PeopleUpkeep.Start(people, Rules, NullLoggerFactory.Instance, clock);
        await Eventually.HoldsAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromMinutes(5));
                return (await people.Sessions.ListAsync(person.Id, default)).Count == 0;
            },
            "the session is gone");
        Assert.True(asked > 1);
    }
}
