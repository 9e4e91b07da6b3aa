using Portcullis.Control.Identity.Sessions;

namespace Portcullis.Control.Tests.Identity.Sessions;

/// <summary>The store of the other tests keeps the contract, too.</summary>
public sealed class MemorySessionStoreTests : SessionStoreContract
{
    protected override ISessionStore Store { get; } = new MemorySessionStore();
}
