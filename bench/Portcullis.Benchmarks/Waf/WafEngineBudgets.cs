using Portcullis.Benchmarks.Budgets;

namespace Portcullis.Benchmarks.Waf;

/// <summary>
/// What the engine may allocate for a request: nothing for a benign GET and for bodies without files. The Core Rule Set is measured where Debian's package of it
/// is installed; it has two rules that need look-around, for which the platform's regular expressions allocate a little.
/// </summary>
internal static class WafEngineBudgets
{
    public static IEnumerable<AllocationBudget> All
    {
        get
        {
            foreach (var budget in Of("built-in rules", WafEngineSamples.Builtin(), 0)) yield return budget;
            if (WafEngineSamples.Crs3() is not { } crs) yield break;
            foreach (var budget in Of("CRS 3.3", crs, 0)) yield return budget;
        }
    }

    private static AllocationBudget[] Of(string rules, WafEngineSamples samples, long bytes) =>
    [
        new($"waf engine, {rules}: GET", bytes, samples.Get),
        new($"waf engine, {rules}: JSON 1 KB", bytes, samples.PostJson),
        new($"waf engine, {rules}: form 1 KB", bytes, samples.PostForm),
        new($"waf engine, {rules}: file 10 KB", bytes, samples.PostFile),
    ];
}
