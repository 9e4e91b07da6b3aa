using System.Collections.Frozen;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Routing;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway;

/// <summary>
/// A whole compiled configuration. Immutable; published by one reference swap; a request keeps the one it started with.
/// </summary>
internal sealed class GatewaySnapshot
{
    /// <summary>1 for the first configuration of the process, one more for each that was applied.</summary>
    public required long Version { get; init; }

    public required GatewayOptions Options { get; init; }

    /// <summary>What the cluster registry takes over when the snapshot is published.</summary>
    public required ClusterPlan Clusters { get; init; }

    /// <summary>Counters of its routes, to be shown from when it is published.</summary>
    public IReadOnlyList<RouteCounters> Counters { get; init; } = [];

    /// <summary>Rules by listener name, by which requests are judged whenever their connection was accepted.</summary>
    public FrozenDictionary<string, ConnectionRules> Rules { get; init; } = FrozenDictionary<string, ConnectionRules>.Empty;

    /// <summary>
    /// The strictest rules of the firewall among each listener's routes, by its name: what is refused as malformed has no route, and is held against these so that
    /// the log tells what it was.
    /// </summary>
    public FrozenDictionary<string, WafHeadPolicy> Observers { get; init; } = FrozenDictionary<string, WafHeadPolicy>.Empty;

    /// <summary>What roles grant.</summary>
    public RoleSet Roles { get; init; } = RoleSet.Empty;

    /// <summary>The permissions that routes and roles name.</summary>
    public IReadOnlyList<string> Vocabulary { get; init; } = [];

    /// <summary>Routes by listener name.</summary>
    public required FrozenDictionary<string, RouteTable<CompiledRoute>> Routes { get; init; }
}
