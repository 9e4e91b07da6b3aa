using System.Text;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Control.Tests.Storage;
using Portcullis.Trust.Keys;
using Passkey = Portcullis.Control.Identity.People.Passkey;
using Session = Portcullis.Control.Identity.Sessions.Session;

namespace Portcullis.Control.Tests.Identity.People;

/// <summary>People in the database.</summary>
public sealed class PersonStoreTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task A_person_is_found_by_name_and_by_subject_as_they_were_added(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada@example.com", person => person with { DisplayName = "Ада Lovelace", PasswordHash = "a-hash", RequiresMfa = true });

        var (byName, byId) = (await node.Other.People.FindByNameAsync("ada@example.com", None), await node.Other.People.FindByIdAsync(id, None));

        Assert.NotNull(byId);
        Assert.Equal(("ada@example.com", "Ада Lovelace", "a-hash", true, false, false), (byId.Name, byId.DisplayName, byId.PasswordHash, byId.RequiresMfa, byId.IsDisabled, byId.HasSecondFactor));
        Assert.Equal((node.Clock.GetUtcNow(), node.Clock.GetUtcNow(), node.Clock.GetUtcNow()), (byId.Created, byId.PasswordChanged, byId.DevicesSince));
        Assert.Equal(byId with { DisplayName = null }, byName);
        Assert.Matches(@"\A[0-9a-f]{32}\z", id);
        Assert.Null(await node.Stores.People.FindByNameAsync("ada", None));
        Assert.Null(await node.Stores.People.FindByNameAsync(string.Empty, None));
        Assert.Null(await node.Stores.People.FindByIdAsync(id.ToUpperInvariant(), None));
        Assert.Null(await node.Stores.People.FindByIdAsync("ada@example.com", None));
        Assert.Null(await node.Stores.People.FindByIdAsync(Guid.NewGuid().ToString("N"), None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_password_is_temporary_until_another_one_is_set_and_another_cost_makes_it_none(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var until = node.Clock.GetUtcNow().AddDays(7);
        var id = await node.AddAsync("ada", person => person with { PasswordHash = "first", PasswordTemporaryUntil = until });
        var bob = await node.AddAsync("bob", person => person with { PasswordTemporaryUntil = until });
        Assert.Equal(until, (await node.Other.People.FindByNameAsync("ada", None))!.PasswordTemporaryUntil);
        Assert.Null((await node.Other.People.FindByIdAsync(bob, None))!.PasswordTemporaryUntil);

        Assert.True(await node.Stores.People.TryReplaceHashAsync(id, "first", "renewed", None));
        Assert.Equal(until, (await node.Other.People.FindByIdAsync(id, None))!.PasswordTemporaryUntil);

        // Of many who choose at once one counts, and the mark goes with that.
        var set = await node.AtOnceAsync((stores, i) => stores.People.TrySetPasswordAsync(id, "renewed", $"own {i}", null, None));
        Assert.Single(set, success => success);
        Assert.Null((await node.Other.People.FindByIdAsync(id, None))!.PasswordTemporaryUntil);
        Assert.True(await node.Other.People.TrySetPasswordAsync(id, null, "reset", until.AddDays(1), None));
        Assert.Equal(until.AddDays(1), (await node.Stores.People.FindByIdAsync(id, None))!.PasswordTemporaryUntil);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_person_who_moves_to_another_tenant_leaves_sessions_and_tokens_behind(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada", person => person with { Tenant = "north" });
        Assert.Equal("north", (await node.Other.People.FindByIdAsync(id, None))!.Tenant);
        Assert.NotNull(await node.Stores.Sessions.TryAddAsync(NewSession(id, node.Clock.GetUtcNow()), 5, None));

        Assert.True(await node.Other.People.TrySetTenantAsync(id, "south", None));

        Assert.Equal("south", (await node.Stores.People.FindByNameAsync("ada", None))!.Tenant);
        Assert.Empty(await node.Stores.Sessions.ListAsync(id, None));
        var revocation = await node.Store.UseAsync(context => context.Revocations.SingleAsync());
        Assert.Equal((id, node.Clock.GetUtcNow() + Portcullis.Control.Identity.Grants.GrantStore.NoticeTime), (revocation.Value, revocation.Created));

        // A sign-in that began before comes to nothing; what changes nothing ends nothing.
        Assert.Null(await node.Stores.Sessions.TryAddAsync(NewSession(id, node.Clock.GetUtcNow()) with { AuthenticatedAt = node.Clock.GetUtcNow().AddSeconds(-1) }, 5, None));
        Assert.NotNull(await node.Stores.Sessions.TryAddAsync(NewSession(id, node.Clock.GetUtcNow()), 5, None));
        Assert.False(await node.Stores.People.TrySetTenantAsync(id, "south", None));
        Assert.Single(await node.Stores.Sessions.ListAsync(id, None));
        Assert.Equal(1, await node.Store.UseAsync(context => context.Revocations.CountAsync()));

        Assert.Single(await node.AtOnceAsync((stores, _) => stores.People.TrySetTenantAsync(id, null, None)), success => success);
        Assert.Null((await node.Stores.People.FindByIdAsync(id, None))!.Tenant);
        Assert.False(await node.Stores.People.TrySetTenantAsync(Guid.NewGuid().ToString("N"), "north", None));
        await Assert.ThrowsAsync<ArgumentException>(() => node.Stores.People.TrySetTenantAsync(id, "no rth", None));
        await Assert.ThrowsAsync<ArgumentException>(() => node.Stores.People.TryAddAsync(new NewPerson { Name = "eve", Tenant = string.Empty }, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_name_belongs_to_one_person_also_while_they_are_disabled(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        await node.Stores.People.SetDisabledAsync(id, true, None);

        Assert.False(await node.Other.People.TryAddAsync(new NewPerson { Name = "ada" }, None));
        Assert.Equal(1, await node.Store.UseAsync(context => context.SubjectKeys.CountAsync()));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Of_many_added_at_once_under_one_name_one_is_added(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);

        var added = await node.AtOnceAsync((stores, _) => stores.People.TryAddAsync(new NewPerson { Name = "ada" }, None));

        Assert.Single(added, success => success);
        Assert.Equal("ada", Assert.Single(await node.Stores.People.ListAsync(None)).Name);
    }

    [Fact]
    public async Task A_name_in_another_spelling_or_a_display_name_that_is_too_long_is_a_fault_of_the_caller()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);

        await Assert.ThrowsAsync<ArgumentException>(() => node.Stores.People.TryAddAsync(new NewPerson { Name = "Ada" }, None));
        await Assert.ThrowsAsync<ArgumentException>(() => node.Stores.People.TryAddAsync(new NewPerson { Name = "ada", DisplayName = new string('x', 201) }, None));
        await node.AddAsync(new string('x', SignInName.MaximumLength), person => person with { DisplayName = new string('語', 200) });
        Assert.Equal(new string('語', 200), Assert.Single(await node.Stores.People.ListAsync(None)).DisplayName);
    }

    [Fact]
    public async Task Neither_names_nor_hashes_of_passwords_stand_in_the_file()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var id = await node.AddAsync("lovelace", person => person with { DisplayName = "Ada Byron", PasswordHash = "$pbkdf2-sha512$x" });
        await node.Stores.Sessions.TryAddAsync(NewSession(id, node.Clock.GetUtcNow()) with { Device = "Lynx on Multics", Address = "192.0.2.77" }, 5, None);
        await node.Database.SqlAsync("PRAGMA wal_checkpoint(TRUNCATE)");

        var file = await File.ReadAllBytesAsync(node.Database.Data.Database);

        Assert.True(file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Guid.ParseExact(id, "N").ToString("D").ToUpperInvariant())) > 0, "the row is there");
        foreach (var text in new[] { "lovelace", "Byron", "pbkdf2", "Multics", "192.0.2.77" }) Assert.Equal(-1, file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Who_was_erased_can_be_read_by_nobody_and_signs_in_no_more(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada", person => person with { DisplayName = "Ada", PasswordHash = "a-hash" });
        var session = NewSession(id, node.Clock.GetUtcNow());
        await node.Stores.Sessions.TryAddAsync(session, 5, None);

        Assert.True(await node.Stores.Personal.DestroyAsync(id));
        node.Clock.Advance(TimeSpan.FromSeconds(1));

        foreach (var stores in new[] { node.Stores, node.Other })
        {
            var person = await stores.People.FindByIdAsync(id, None);
            Assert.Equal((string.Empty, null, true), (person!.Name, person.DisplayName, person.IsDisabled));
            Assert.True((await stores.People.FindByNameAsync("ada", None))!.IsDisabled);
            Assert.Null(await stores.Sessions.FindAsync(session.Id, None));
            Assert.Null(await stores.Sessions.TryAddAsync(NewSession(id, node.Clock.GetUtcNow()), 5, None));
            Assert.False(await stores.Passkeys.TryAddAsync(PasskeyStoreTests.New(id, 1), 5, None));
        }
    }

    [Fact]
    public async Task What_lay_under_a_destroyed_data_key_is_gone()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var id = await node.AddAsync("ada", person => person with { PasswordHash = "a-hash" });
        var old = node.Ring.Current.Keys.Single(key => key.State == KeyState.Active).Id;
        node.Ring.Rotate(KeyPurpose.Data, immediately: true);
        Assert.Equal(DestroyOutcome.Destroyed, node.Ring.Destroy(old));
        node.Clock.Advance(TimeSpan.FromSeconds(1));

        var person = await node.Stores.People.FindByIdAsync(id, None);
        Assert.Equal((string.Empty, null), (person!.Name, person.PasswordHash));

        // A node that starts now has no key for names: it makes none in the place of the lost one.
        using var later = new PeopleStores(node.Store, node.Ring, node.Clock);
        await Assert.ThrowsAsync<StoreException>(() => later.People.FindByNameAsync("ada", None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_password_is_set_once_by_whoever_is_first(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada", person => person with { PasswordHash = "first" });

        var changed = await node.AtOnceAsync((stores, i) => stores.People.TrySetPasswordAsync(id, "first", $"hash {i}", null, None));

        Assert.Single(changed, success => success);
        Assert.Equal($"hash {Array.IndexOf(changed, true)}", (await node.Stores.People.FindByIdAsync(id, None))!.PasswordHash);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_new_password_makes_strangers_of_devices_and_the_same_at_another_cost_does_not(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada", person => person with { PasswordHash = "first" });
        var before = (await node.Stores.People.FindByIdAsync(id, None))!;
        node.Clock.Advance(TimeSpan.FromHours(1));

        Assert.False(await node.Stores.People.TryReplaceHashAsync(id, "another", "dearer", None));
        Assert.True(await node.Stores.People.TryReplaceHashAsync(id, "first", "dearer", None));
        Assert.Equal(before with { PasswordHash = "dearer" }, await node.Stores.People.FindByIdAsync(id, None));

        Assert.False(await node.Stores.People.TrySetPasswordAsync(id, "first", "second", null, None));
        Assert.True(await node.Stores.People.TrySetPasswordAsync(id, null, "second", null, None));
        Assert.Equal(before with { PasswordHash = "second", PasswordChanged = node.Clock.GetUtcNow(), DevicesSince = node.Clock.GetUtcNow() }, await node.Stores.People.FindByIdAsync(id, None));
        Assert.False(await node.Stores.People.TrySetPasswordAsync(Guid.NewGuid().ToString("N"), null, "x", null, None));
        Assert.False(await node.Stores.People.TrySetPasswordAsync("ada", null, "x", null, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Who_is_disabled_loses_their_sessions_with_it_and_begins_none(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        var session = NewSession(id, node.Clock.GetUtcNow());
        await node.Stores.Sessions.TryAddAsync(session, 5, None);
        node.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(await node.Other.People.SetDisabledAsync(id, true, None));
        Assert.Null(await node.Stores.Sessions.FindAsync(session.Id, None));
        Assert.Null(await node.Stores.Sessions.TryAddAsync(NewSession(id, node.Clock.GetUtcNow().AddHours(1)), 5, None));
        Assert.Equal((true, node.Clock.GetUtcNow()), ((await node.Stores.People.FindByIdAsync(id, None))!.IsDisabled, (await node.Stores.People.FindByNameAsync("ada", None))!.DevicesSince));

        Assert.True(await node.Stores.People.SetDisabledAsync(id, false, None));
        Assert.NotNull(await node.Stores.Sessions.TryAddAsync(NewSession(id, node.Clock.GetUtcNow()), 5, None));
        Assert.False(await node.Stores.People.SetDisabledAsync(Guid.NewGuid().ToString("N"), true, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Disabling_while_many_sign_in_leaves_no_session(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");

        await node.AtOnceAsync((stores, i) => i == 9
            ? stores.People.SetDisabledAsync(id, true, None)
            : stores.Sessions.TryAddAsync(NewSession(id, node.Clock.GetUtcNow()), 100, None).ContinueWith(task => task.Result is not null, TaskScheduler.Default));

        Assert.Empty(await node.Stores.Sessions.ListAsync(id, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_generator_of_codes_and_a_passkey_are_second_factors_and_recovery_codes_are_not(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ids = new[] { await node.AddAsync("codes"), await node.AddAsync("key"), await node.AddAsync("recovery") };
        await node.Stores.Factors.SetTotpAsync(ids[0], Secret.Generate(), 1, None);
        await node.Stores.Passkeys.TryAddAsync(PasskeyStoreTests.New(ids[1], 1), 5, None);
        await node.Stores.Factors.ReplaceRecoveryCodesAsync(ids[2], [new byte[32]], None);

        Assert.Equal([("codes", true), ("key", true), ("recovery", false)], (await node.Other.People.ListAsync(None)).Select(person => (person.Name, person.HasSecondFactor)));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Every_change_of_a_person_is_told(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        var changes = new List<Func<Task>>
        {
            () => node.Stores.People.TrySetPasswordAsync(id, null, "hash", null, None),
            () => node.Stores.People.SetDisabledAsync(id, true, None),
            () => node.Stores.People.SetDisabledAsync(id, false, None),
            () => node.Stores.Factors.SetTotpAsync(id, Secret.Generate(), 1, None),
            () => node.Stores.Factors.RemoveTotpAsync(id, None),
            () => node.Stores.Factors.ReplaceRecoveryCodesAsync(id, [new byte[32]], None),
            () => node.Stores.Passkeys.TryAddAsync(PasskeyStoreTests.New(id, 1), 5, None),
            () => node.Stores.Passkeys.RemoveAsync(id, PasskeyStoreTests.New(id, 1).CredentialId, None),
            async () => await node.Stores.Personal.DestroyAsync(id),
        };

        var told = await CountAsync();
        Assert.Equal(1, told);
        foreach (var change in changes)
        {
            await change();
            Assert.Equal(++told, await CountAsync());
        }

        Task<int> CountAsync() => node.Store.UseAsync(context => context.Changes.CountAsync(change => change.Topic == ChangeTopic.People && change.Key == id));
    }

    // Frozen: names that were stored by a released version must be found by every later one.
    [Fact]
    public async Task The_hash_of_a_name_is_an_hmac_under_a_key_in_the_database()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        await node.Store.UseAsync(context =>
        {
            context.StoredSecrets.Add(new StoredSecret { Name = "person-name-hash", Value = StoredSecret.Values.Seal(node.Stores.Sealer, "person-name-hash", key) });
            return context.SaveChangesAsync();
        });

        await node.AddAsync("ada@example.com");

        Assert.Equal("54755f77d3e281b703e446aaaaea7f4c00290a825272c30554800821ed5c98e8", Convert.ToHexStringLower((await node.Store.UseAsync(context => context.People.SingleAsync())).NameHash));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_stored_secret_is_made_once_by_whichever_node_and_another_database_has_another(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        await using var elsewhere = await TestNode.StartAsync(kind);

        var values = await node.AtOnceAsync((stores, _) => new StoredSecrets(node.Store, stores.Sealer, node.Clock).GetAsync("a", None).AsTask());

        Assert.Single(values.Distinct());
        Assert.NotEqual(values[0], await new StoredSecrets(node.Store, node.Stores.Sealer, node.Clock).GetAsync("b", None));
        Assert.NotEqual(values[0], await new StoredSecrets(elsewhere.Store, elsewhere.Stores.Sealer, node.Clock).GetAsync("a", None));
    }

    internal static Session NewSession(string subject, DateTimeOffset now) => new()
    {
        Id = SessionCookie.IdOf(SessionCookie.Generate()),
        Sid = Guid.NewGuid().ToString("N"),
        Subject = subject,
        Created = now,
        LastSeen = now,
        AuthenticatedAt = now,
        Methods = ["pwd"],
        Device = "Firefox on Linux",
        Address = "192.0.2.1",
    };
}
