using System.Text;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;
using Revocation = Portcullis.Control.Storage.Entities.Revocation;
using SubjectKey = Portcullis.Control.Storage.Entities.SubjectKey;

namespace Portcullis.Control.Tests.Storage;

/// <summary>What the databases do with rows, the same on both.</summary>
public sealed class StoreRowsTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2030, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(2));

    private readonly TemporaryDirectory directory = new();
    private readonly KeyRing ring;
    private readonly Sealer sealer;

    private static ReadOnlySpan<byte> Marker => "hash-of-the-name"u8;

    public StoreRowsTests()
    {
        ring = KeyRing.Open(DataDirectory.Open(directory.At("ring")).Keys, [KeyPolicy.ForData()], TimeProvider.System);
        sealer = new Sealer(ring, KeyPurpose.Data);
    }

    public void Dispose()
    {
        ring.Dispose();
        directory.Dispose();
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_sealed_value_opens_where_it_was_written_and_nowhere_else(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        var (ada, eve) = (NewPerson("Ada Lovelace"), NewPerson("Eve"));
        await AddAsync(store, ada, eve);

        var people = await store.UseAsync(context => context.People.ToDictionaryAsync(person => person.Id));

        Assert.Equal(UnsealOutcome.Opened, Person.PasswordHashes.OpenText(sealer, ada.Id, people[ada.Id].PasswordHash!, out var hash));
        Assert.Equal("Ada Lovelace's hash", hash);

        // As whoever can write to the database might copy it: to another row, to another column.
        Assert.Equal(UnsealOutcome.Tampered, Person.PasswordHashes.OpenText(sealer, eve.Id, people[ada.Id].PasswordHash!, out hash));
        Assert.Null(hash);
        Assert.Equal(UnsealOutcome.Tampered, TotpSecret.Secrets.OpenText(sealer, ada.Id, people[ada.Id].PasswordHash!, out _));
        Assert.Equal("[sealed]", ada.Name.ToString());
    }

    [Fact]
    public async Task What_is_sealed_stands_nowhere_in_the_file()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var store = await database.OpenAsync();
        await AddAsync(store, NewPerson("Ada Lovelace"));
        await database.SqlAsync("PRAGMA wal_checkpoint(TRUNCATE)");

        var file = await File.ReadAllBytesAsync(database.Data.Database);

        // What was written is in the file, so that the search could have found it.
        Assert.True(file.AsSpan().IndexOf(Marker) > 0);
        Assert.Equal(-1, file.AsSpan().IndexOf("Lovelace"u8));
        Assert.Equal(-1, file.AsSpan().IndexOf(Encoding.Unicode.GetBytes("Lovelace")));
    }

    [Fact]
    public async Task What_was_deleted_stands_nowhere_in_the_file()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var store = await database.OpenAsync();
        await AddAsync(store, NewPerson("Ada"));
        await store.UseAsync(context => context.People.ExecuteDeleteAsync());
        await store.DisposeAsync();
        await database.SqlAsync("PRAGMA wal_checkpoint(TRUNCATE)");

        Assert.Equal(-1, (await File.ReadAllBytesAsync(database.Data.Database)).AsSpan().IndexOf(Marker));
    }

    // Frozen: a row that was sealed by a released version must open in every later one.
    [Fact]
    public void The_context_of_a_sealed_value_is_table_column_and_row()
    {
        var row = new Guid("00112233-4455-6677-8899-AABBCCDDEEFF");
        var value = Person.PasswordHashes.Seal(sealer, row, "Ada");

        Assert.Equal(UnsealOutcome.Opened, sealer.Open(value.Envelope, SealingContext.Of("people", "password_hash", "00112233-4455-6677-8899-aabbccddeeff"), out _));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Times_come_back_to_the_tick_and_are_compared_by_the_database(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        await AddAsync(store, NewRevocation("a", Time), NewRevocation("b", Time.AddTicks(1)));

        Assert.Equal(Time, (await store.UseAsync(context => context.Revocations.SingleAsync(revocation => revocation.Until <= Time))).Until);
        Assert.Equal("b", (await store.UseAsync(context => context.Revocations.OrderByDescending(revocation => revocation.Until).FirstAsync())).Value);
    }

    [Theory]
    [OnBothDatabases]
    public async Task What_is_longer_than_its_column_is_refused(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();

        await Assert.ThrowsAsync<StoreException>(() => AddAsync(store, NewRevocation(new string('x', 129), Time)));
        await Assert.ThrowsAsync<StoreException>(() => AddAsync(store, new ClientAssertion { ClientId = "c", IdHash = new byte[33], Until = Time }));
        await AddAsync(store, NewRevocation(new string('x', 128), Time), new ClientAssertion { ClientId = "c", IdHash = new byte[32], Until = Time });
    }

    [Theory]
    [OnBothDatabases]
    public async Task With_a_person_goes_what_is_theirs_but_not_the_key(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        var person = NewPerson("Ada");
        var grant = NewGrant(person);
        await AddAsync(store, person, grant, new RefreshToken { Hash = new byte[32], GrantId = grant.Id }, new RecoveryCode { PersonId = person.Id, Hash = new byte[32] },
            new SubjectKey { SubjectId = person.Id, Key = SubjectKey.Keys.Seal(sealer, person.Id, "key") });

        await store.UseAsync(context => context.People.ExecuteDeleteAsync());

        Assert.Equal(0, await store.UseAsync(context => context.RefreshTokens.CountAsync()));
        Assert.Equal(0, await store.UseAsync(context => context.RecoveryCodes.CountAsync()));
        Assert.Equal(1, await store.UseAsync(context => context.SubjectKeys.CountAsync()));
    }

    [Theory]
    [OnBothDatabases]
    public async Task What_belongs_to_nobody_is_refused(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();

        await Assert.ThrowsAsync<StoreException>(() => AddAsync(store, new RecoveryCode { PersonId = Guid.CreateVersion7(), Hash = new byte[32] }));
    }

    // What decides between two uses of a refresh token.
    [Theory]
    [OnBothDatabases]
    public async Task Of_many_that_spend_a_token_at_once_one_has_spent_it(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        Store[] stores = [await database.OpenAsync(), await database.OpenAsync()];
        var (person, hash) = (NewPerson("Ada"), new byte[32]);
        var grant = NewGrant(person);
        await AddAsync(stores[0], person, grant, new RefreshToken { Hash = hash, GrantId = grant.Id });

        var spent = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => stores[i % 2].UseAsync(context => context.RefreshTokens
            .Where(token => token.Hash == hash && token.Spent == null)
            .ExecuteUpdateAsync(update => update.SetProperty(token => token.Spent, Time)))))).WithPatience();

        Assert.Equal(1, spent.Sum());
    }

    private static Task<int> AddAsync(Store store, params object[] rows) => store.UseAsync(context =>
    {
        context.AddRange(rows);
        return context.SaveChangesAsync();
    });

    private static Revocation NewRevocation(string value, DateTimeOffset until) => new() { Kind = (int)RevocationKind.Token, Value = value, Until = until };

    private static Grant NewGrant(Person person) => new() { Id = "g", ClientId = "c", PersonId = person.Id, Scope = "a:b", Methods = "pwd" };

    // The hash of the name stands in the file as it is: what a search of the file must find.
    private Person NewPerson(string name)
    {
        var id = Guid.CreateVersion7();
        byte[] hash = [.. Marker, .. id.ToByteArray()];
        return new() { Id = id, NameHash = hash, Name = Sealed.FromEnvelope(hash), PasswordHash = Person.PasswordHashes.Seal(sealer, id, name + "'s hash"), Created = Time };
    }
}
