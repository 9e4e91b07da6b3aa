using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Tests.Identity.Contracts;

namespace Portcullis.Control.Tests.Identity.Grants;

/// <summary>The contract of grants, held by the stores on databases; "again" is another node.</summary>
public abstract class StoredGrantsContract(DatabaseKind kind) : GrantStoreContract, IAsyncDisposable
{
    private readonly List<TestDatabase> databases = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var database in databases) await database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override async Task<IGrantStore> OpenAsync()
    {
        var database = await TestDatabase.CreateAsync(kind);
        databases.Add(database);
        var store = await database.OpenAsync();
        await TestPeople.AddAsync(store, Ada, Bob);
        return new GrantStore(store, TimeProvider.System);
    }

    protected override async Task<IGrantStore> OpenAgainAsync(IGrantStore first) => new GrantStore(await databases[^1].OpenAsync(), TimeProvider.System);
}
