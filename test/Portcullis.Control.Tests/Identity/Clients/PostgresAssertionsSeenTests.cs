using Portcullis.Control.Identity.Clients;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Tests.Identity.Contracts;

namespace Portcullis.Control.Tests.Identity.Clients;

public sealed class PostgresAssertionsSeenTests : AssertionsSeenContract, IAsyncDisposable
{
    private TestDatabase? database;

    public ValueTask DisposeAsync() => database?.DisposeAsync() ?? default;

    protected override async Task<IAssertionsSeen> OpenAsync() => new AssertionsSeen(await (database = await TestDatabase.CreateAsync(DatabaseKind.Postgres)).OpenAsync());
}
