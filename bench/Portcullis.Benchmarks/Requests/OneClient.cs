using Portcullis.Gateway.Identity;

namespace Portcullis.Benchmarks.Requests;

/// <summary>The store of one program that may have tokens.</summary>
internal sealed class OneClient(OAuthClient client) : IClientStore
{
    public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken) => new(id == client.Id ? client : null);
}
