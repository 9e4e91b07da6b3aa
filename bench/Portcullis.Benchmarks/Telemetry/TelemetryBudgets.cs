using Portcullis.Benchmarks.Budgets;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Benchmarks.Telemetry;

/// <summary>What the record of a request may allocate: nothing.</summary>
internal static class TelemetryBudgets
{
    public static IEnumerable<AllocationBudget> All =>
    [
        new("decision line: forwarded", 0, () => DecisionLine.Format(DecisionSamples.Forwarded, masksAddresses: false)),
        new("decision line: forwarded, address masked", 0, () => DecisionLine.Format(DecisionSamples.Forwarded, masksAddresses: true)),
    ];
}
