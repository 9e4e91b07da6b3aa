using Portcullis.Benchmarks.Http2;
using Portcullis.Benchmarks.Identity;
using Portcullis.Benchmarks.Injection;
using Portcullis.Benchmarks.Policies;
using Portcullis.Benchmarks.Requests;
using Portcullis.Benchmarks.Routing;
using Portcullis.Benchmarks.Telemetry;
using Portcullis.Benchmarks.Waf;

namespace Portcullis.Benchmarks.Budgets;

/// <summary>Every allocation budget. Each area lists its own; a new area is a line here.</summary>
internal static class AllocationBudgets
{
    public static IEnumerable<AllocationBudget> All =>
    [
        .. RoutingBudgets.All,
        .. PolicyBudgets.All,
        .. TelemetryBudgets.All,
        .. IdentityBudgets.All,
        .. HpackBudgets.All,
        .. RegexBudgets.All,
        .. WafValueBudgets.All,
        .. InjectionBudgets.All,
        .. WafEngineBudgets.All,
        .. RequestBudgets.All,
    ];
}
