using System.Collections.Concurrent;
using Portcullis.Gateway.Identity;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Tests.Hosting;

/// <summary>Clients kept in memory; the file behind the real store is tested with the store.</summary>
internal sealed class TestClients : IClientStore
{
    private readonly ConcurrentDictionary<string, OAuthClient> clients = new(StringComparer.Ordinal);

    public (string Id, string Secret) Add(params string[] permissions)
    {
        var id = "client" + clients.Count;
        var secret = Secret.Generate().Reveal();
        clients[id] = new OAuthClient(id, OAuthClient.HashSecret(secret), permissions, IsDisabled: false);
        return (id, secret);
    }

    /// <summary>Adds a client made of one with a secret; returns its secret.</summary>
    public (OAuthClient Client, string Secret) Add(string id, Func<OAuthClient, OAuthClient> change, params string[] permissions)
    {
        var secret = Secret.Generate().Reveal();
        var client = clients[id] = change(new OAuthClient(id, OAuthClient.HashSecret(secret), permissions, IsDisabled: false));
        return (client, secret);
    }

    public void Disable(string id) => clients[id] = clients[id] with { IsDisabled = true };

    public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken) => new(clients.GetValueOrDefault(id));
}
