using Portcullis.Control.Identity.People;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Storage;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Tests.Identity.People;

/// <summary>A database with a key ring and the stores of two nodes that share both.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly TestDatabase database;

    private TestNode(TestDatabase database, Store store, Store other, ManualTimeProvider clock)
    {
        this.database = database;
        Clock = clock;
        Store = store;
        Ring = KeyRing.Open(database.Data.Keys, [KeyPolicy.ForData() with { LeadTime = TimeSpan.Zero }], clock);
        Stores = new PeopleStores(store, Ring, clock);
        Other = new PeopleStores(other, Ring, clock);
    }

    public ManualTimeProvider Clock { get; }

    public Store Store { get; }

    public KeyRing Ring { get; }

    public PeopleStores Stores { get; }

    /// <summary>Those of another node.</summary>
    public PeopleStores Other { get; }

    public TestDatabase Database => database;

    public static async Task<TestNode> StartAsync(DatabaseKind kind)
    {
        var database = await TestDatabase.CreateAsync(kind);
        return new TestNode(database, await database.OpenAsync(), await database.OpenAsync(), new ManualTimeProvider());
    }

    /// <summary>Adds a person and gives their subject.</summary>
    public async Task<string> AddAsync(string name, Func<NewPerson, NewPerson>? change = null)
    {
        var person = new NewPerson { Name = name };
        person = change?.Invoke(person) ?? person;
        Assert.True(await Stores.People.TryAddAsync(person, default));
        return person.Id;
    }

    /// <summary>Calls 64 times at once, on both nodes in turn.</summary>
    public Task<T[]> AtOnceAsync<T>(Func<PeopleStores, int, Task<T>> call)
        => Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => call(i % 2 == 0 ? Stores : Other, i)))).WithPatience();

    public async ValueTask DisposeAsync()
    {
        Stores.Dispose();
        Other.Dispose();
        Ring.Dispose();
        await database.DisposeAsync();
    }
}
