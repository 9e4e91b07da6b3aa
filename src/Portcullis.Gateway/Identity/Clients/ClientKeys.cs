using System.Collections.Concurrent;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.Clients;

/// <summary>The public keys of clients: registered with them, or fetched as those of outside issuers are, with the same bounds and network rules.</summary>
internal sealed class ClientKeys(KeySetFetcher fetcher, TimeProvider clock)
{
    /// <summary>Clients whose keys are fetched. More starts over; each is then fetched again when needed.</summary>
    private const int MaximumRemote = 1024;

    private readonly ConcurrentDictionary<(string Client, Uri Location), RemoteKeys> remote = new();

    /// <summary>Where the keys of the client come from; null where it has none that can be read.</summary>
    public IKeySource? For(OAuthClient client)
    {
        if (client.KeysUri is { } location)
        {
            if (remote.Count >= MaximumRemote) remote.Clear();
            return remote.GetOrAdd(
                (client.Id, location),
                static (key, self) => new RemoteKeys(new ExternalIssuerOptions { Issuer = key.Client, Audience = key.Client, Jwks = key.Location }, self.Fetcher, self.Clock),
                (Fetcher: fetcher, Clock: clock));
        }

        return JsonWebKeySet.TryParse(client.Keys.Span, out var keys, out _) ? new Registered(keys) : null;
    }

    private sealed class Registered(JsonWebKeySet keys) : IKeySource
    {
        public JsonWebKeySet Keys => keys;

        public ValueTask<bool> RefreshAsync(JsonWebKeySet tried, string? unknownKeyId, CancellationToken cancellationToken) => new(false);
    }
}
