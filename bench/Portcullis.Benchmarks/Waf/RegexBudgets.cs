using Portcullis.Benchmarks.Budgets;

namespace Portcullis.Benchmarks.Waf;

/// <summary>What matching may allocate once the states that values take are built: nothing.</summary>
internal static class RegexBudgets
{
    public static IEnumerable<AllocationBudget> All
    {
        get
        {
            var samples = new RegexSamples();
            return
            [
                new("waf: patterns on ordinary values", 0, () => samples.MatchBenign()),
                new("waf: patterns on an attack", 0, () => samples.MatchAttack()),
                new("waf: the groups of a match", 0, () => samples.Capture()),
                new("waf: one pass for all strings", 0, samples.Scan),
                new("waf: prefilter", 0, samples.Filter),
            ];
        }
    }
}
