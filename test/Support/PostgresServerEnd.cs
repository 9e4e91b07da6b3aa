[assembly: AssemblyFixture(typeof(Portcullis.Testing.PostgresServerEnd))]

namespace Portcullis.Testing;

/// <summary>Ends the shared server with the tests.</summary>
public sealed class PostgresServerEnd : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await PostgresServer.EndSharedAsync();
}
