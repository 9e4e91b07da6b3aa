using Portcullis.Benchmarks.Budgets;
using Portcullis.Waf.Injection;

namespace Portcullis.Benchmarks.Injection;

/// <summary>What the detectors of injection may allocate: nothing.</summary>
internal static class InjectionBudgets
{
    public static IEnumerable<AllocationBudget> All
    {
        get
        {
            var fingerprint = new byte[SqlInjection.MaximumFingerprintLength];
            return
            [
                new("SQL injection: ordinary values", 0, () =>
                {
                    foreach (var value in InjectionSamples.Benign)
                        _ = SqlInjection.IsInjection(value, fingerprint, out _);
                }),
                new("SQL injection: an attack", 0, () => _ = SqlInjection.IsInjection(InjectionSamples.SqlAttack, fingerprint, out _)),
                new("Cross-site scripting: ordinary values", 0, () =>
                {
                    foreach (var value in InjectionSamples.Benign)
                        _ = CrossSiteScripting.IsInjection(value);
                }),
                new("Cross-site scripting: an attack", 0, () => _ = CrossSiteScripting.IsInjection(InjectionSamples.ScriptAttack)),
            ];
        }
    }
}
