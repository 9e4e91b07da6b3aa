using System.Net;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>The addresses that listeners and the admin listener bind: which are public, which exclude each other.</summary>
internal static class AddressRules
{
    public static void Check(RuleScope scope)
    {
        var bound = scope.Options.Listeners.Select(listener => (Path: $"listeners.{listener.Key}.address", listener.Value.Address)).ToList();
        if (scope.Options.Admin is { Enabled: true } admin)
        {
            CheckAdmin(scope, admin.Address);
            bound.Add(("admin.address", admin.Address));
        }

        for (var later = 1; later < bound.Count; later++)
        {
            var earlier = bound.FindIndex(0, later, other => Clash(other.Address.EndPoint, bound[later].Address.EndPoint));
            if (earlier < 0) continue;
            scope.Error(
                bound[later].Path,
                $"{bound[later].Address} can't be bound beside {bound[earlier].Address} of {bound[earlier].Path}",
                "give each listener a port of its own");
        }
    }

    /// <summary>Whether only programs on the same machine reach the address.</summary>
    public static bool IsLoopback(ListenAddress address) => IPAddress.IsLoopback(address.EndPoint.Address);

    private static void CheckAdmin(RuleScope scope, ListenAddress address)
    {
        if (!IsLoopback(address))
            scope.Warning("admin.address", $"the admin listener is reachable from other machines at {address}", "bind it to 127.0.0.1 and reach it through a tunnel, or keep admin.allow narrow");
        for (var i = 0; i < scope.Options.Admin.Allow.Count; i++)
        {
            if (scope.Options.Admin.Allow[i].PrefixLength == 0) scope.Warning($"admin.allow[{i}]", "the admin listener takes connections from every address", "name the networks that administrators use");
        }
    }

    // Port 0 takes a free port each time. An unspecified address takes its port on every address of its families.
    private static bool Clash(IPEndPoint left, IPEndPoint right)
        => left.Port != 0 && left.Port == right.Port && (left.Address.Equals(right.Address) || Covers(left.Address, right.Address) || Covers(right.Address, left.Address));

    private static bool Covers(IPAddress all, IPAddress one)
        => all.Equals(IPAddress.IPv6Any) || (all.Equals(IPAddress.Any) && one.AddressFamily == all.AddressFamily);
}
