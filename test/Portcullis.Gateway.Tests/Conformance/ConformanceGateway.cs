using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>A whole gateway with its policies on, in front of a <see cref="StrictOrigin"/>; one upstream connection at a time, so that whatever is left on it meets the next request.</summary>
public sealed class ConformanceGateway : IAsyncLifetime
{
    internal StrictOrigin Origin { get; } = new();

    internal TestGateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await TestGateway.StartAsync($$"""
        listeners:
          public: { address: 127.0.0.1:0, limits: { headerTimeout: 5s, keepAliveTimeout: 5s, connectionsPerAddress: 2000 } }
        clusters:
          origin: { destinations: ["{{Origin.Url}}"], retries: 0, connections: { maximum: 1 } }
        routes:
          all:
            match: { path: "/{**rest}" }
            cluster: origin
            policies:
              authenticate: none
              firewall: { default: allow, deny: [192.0.2.0/24] }
              rateLimit: [ { by: address, limit: 1000000, period: 1s }, { by: caller, limit: 1000000, period: 1s } ]
              cors: { origins: ["https://app.example.com"] }
              headers: { preset: api }
              transform: { request: { set: { X-Tenant: blue } } }
        """);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Origin.DisposeAsync();
    }

    /// <summary>Sends octets on a connection of their own, ends it, and reads all that is answered.</summary>
    internal async Task<string> SendAsync(string octets)
    {
        await using var client = await RawConnection.OpenAsync(Gateway.EndPoint());
        await client.SendAsync(octets);
        client.EndSending();
        return await client.ReadToEndAsync();
    }

    /// <summary>
    /// What reached the origin, after a last innocent request over the same upstream connection: what a request left behind on it would come
    /// out as the answer to this one.
    /// </summary>
    internal async Task<(IReadOnlyList<StrictRequest> Requests, IReadOnlyList<string> Violations)> ReachedAsync()
    {
        // It does not end its sending, since the gateway waits half a second at most for the answer to one who did: too little on a busy machine.
        await using var client = await RawConnection.OpenAsync(Gateway.EndPoint());
        await client.SendAsync("GET /innocent HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        var last = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 ", last, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n/innocent", last, StringComparison.Ordinal);
        var (requests, violations) = Origin.Take();
        Assert.Equal("/innocent", requests[^1].Target);
        return ([.. requests.Take(requests.Count - 1)], violations);
    }
}
