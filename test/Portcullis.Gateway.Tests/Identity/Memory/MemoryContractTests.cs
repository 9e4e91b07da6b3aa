using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Tests.Identity.Contracts;

namespace Portcullis.Gateway.Tests.Identity.Memory;

/// <summary>The stores of these tests are held to the contracts of the real ones.</summary>
public sealed class MemoryGrantsTests : GrantStoreContract
{
    protected override Task<IGrantStore> OpenAsync() => Task.FromResult<IGrantStore>(new MemoryGrants());
}

public sealed class MemoryAssertionsTests : AssertionsSeenContract
{
    protected override Task<IAssertionsSeen> OpenAsync() => Task.FromResult<IAssertionsSeen>(new MemoryAssertions());
}
