using System.Net;
using Portcullis.Gateway.Forwarding.Connecting;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Resolves every name to the same addresses.</summary>
internal sealed class FixedResolver(params IPAddress[] addresses) : IHostResolver
{
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult(addresses);
}
