using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Policies.Waf.Recording;
using Portcullis.Gateway.Telemetry;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway;

/// <summary>
/// What lives as long as the process and is therefore not part of a snapshot: counters, limiters, pools, health, keys.
/// Keyed by the names in the configuration, so that a reload resets nothing.
/// </summary>
public sealed class DataPlaneState : IAsyncDisposable
{
    public required TimeProvider Clock { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Request counters by route.</summary>
    public required GatewayMetrics Metrics { get; init; }

    /// <summary>GCRA cells of all limits.</summary>
    public required LimitStore Limits { get; init; }

    /// <summary>The rules of the web application firewall, and what they remember.</summary>
    public RuleSets Rules { get; init; } = new(TimeProvider.System);

    /// <summary>Records requests to try other rules on; null where nothing is recorded, as by checks.</summary>
    internal RequestRecording? Recording { get; init; }

    /// <summary>Upstream pools, health and circuit state by cluster and destination.</summary>
    public required ClusterRegistry Clusters { get; init; }

    /// <summary>Keys of issuers and the tokens already verified with them.</summary>
    public required TokenAuthenticator Tokens { get; init; }

    /// <summary>The gateway's own keys; opened, and made where there are none, at first use.</summary>
    public required Lazy<KeyRing> Keys { get; init; }

    /// <summary>The programs that may have tokens.</summary>
    public required IClientStore Clients { get; init; }

    /// <summary>What else the token service works with.</summary>
    public IdentityServices Identity { get; init; } = new();

    /// <summary>Access tokens that have ended before their time.</summary>
    public RevocationList Revocations { get; init; } = new(TimeProvider.System);

    /// <summary>Which permissions are used by whom; null where nobody keeps it, as in checks.</summary>
    internal PermissionUses? PermissionUses { get; init; }

    /// <summary>Where security events go.</summary>
    internal ISecurityEvents SecurityEvents { get; init; } = new LoggedSecurityEvents(NullLogger<LoggedSecurityEvents>.Instance);

    /// <summary>Revokes, here and on every node.</summary>
    internal RevocationFeed RevocationFeed { get; init; } = null!;

    /// <summary>Who is signed in, as routes know them.</summary>
    internal SessionCallers SessionCallers { get; } = new();

    /// <summary>Tokens made for upstreams.</summary>
    internal UpstreamTokens UpstreamTokens => field ??= new UpstreamTokens(Revocations, Clock);

    /// <summary>Keys of the token service's clients.</summary>
    internal ClientKeys ClientKeys { get; init; } = null!;

    public ValueTask DisposeAsync() => Clusters.DisposeAsync();

    /// <summary>State for looking at a configuration only: no keys are opened, no connection is made.</summary>
    internal static DataPlaneState ForChecks()
    {
        var loggers = NullLoggerFactory.Instance;
        var clock = TimeProvider.System;
        var keys = new Lazy<KeyRing>(() => throw new InvalidOperationException("a check opens no keys"));
        return new DataPlaneState
        {
            Clock = clock,
            Loggers = loggers,
            Metrics = new GatewayMetrics(),
            Limits = new LimitStore(clock, capacity: 1024),
            Clusters = new ClusterRegistry(clock, loggers),
            Tokens = new TokenAuthenticator(keys, new KeySetFetcher(NullLogger<KeySetFetcher>.Instance, clock), clock),
            Keys = keys,
            Clients = new NoClients(),
        };
    }

    private sealed class NoClients : IClientStore
    {
        public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken) => new((OAuthClient?)null);
    }
}
