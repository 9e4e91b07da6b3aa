using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Makes the terminal of a route that forwards. Changes nothing: clusters come to life when the registry applies them.</summary>
internal static class ForwardTerminalCompiler
{
    /// <summary>The terminal; null for a route that names no cluster with weight, which the loader reports.</summary>
    public static ITerminal? Compile(string name, RouteOptions route, GatewayOptions options, DataPlaneState state)
    {
        var arms = new List<ForwardArm>();
        if (route.Cluster is { } single)
        {
            if (options.Clusters.ContainsKey(single)) arms.Add(new(state.Clusters.Get(single), 1));
        }
        else
        {
            var sum = 0;
            foreach (var arm in route.Split ?? [])
            {
                if (arm.Weight <= 0 || !options.Clusters.ContainsKey(arm.Cluster)) continue;
                sum += arm.Weight;
                arms.Add(new(state.Clusters.Get(arm.Cluster), sum));
            }
        }

        if (arms.Count == 0) return null;
        var mirror = route.Mirror is { } target && options.Clusters.ContainsKey(target.Cluster)
            ? new MirrorTarget(state.Clusters.Get(target.Cluster), target.Share, state.Clusters.Mirror)
            : null;
        return new ForwardTerminal([.. arms], mirror, route.Timeout, state.Clusters.States, state.Clock);
    }
}
