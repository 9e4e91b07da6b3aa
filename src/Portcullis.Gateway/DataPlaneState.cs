using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Telemetry;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway;

/// <summary>
/// What lives as long as the process and is therefore not part of a snapshot: counters, limiters, pools, health, keys.
/// Keyed by the names in the configuration, so that a reload resets nothing.
/// </summary>
public sealed class DataPlaneState
{
    public required TimeProvider Clock { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Request counters by route.</summary>
    public required GatewayMetrics Metrics { get; init; }

    /// <summary>GCRA cells of all limits.</summary>
    public required LimitStore Limits { get; init; }

    /// <summary>Upstream pools, health and circuit state by cluster and destination.</summary>
    public required ClusterRegistry Clusters { get; init; }

    /// <summary>Keys of issuers and the tokens already verified with them.</summary>
    public required TokenAuthenticator Tokens { get; init; }

    /// <summary>The gateway's own keys; opened, and made where there are none, at first use.</summary>
    public required Lazy<KeyRing> Keys { get; init; }

    /// <summary>The programs that may have tokens.</summary>
    public required IClientStore Clients { get; init; }
}
