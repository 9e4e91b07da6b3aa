using Portcullis.Benchmarks.Budgets;

namespace Portcullis.Benchmarks.Identity;

/// <summary>What judging a known token may allocate: nothing.</summary>
internal static class IdentityBudgets
{
    public static IEnumerable<AllocationBudget> All
    {
        get
        {
            var (alone, amongMany) = (new KnownToken(0), new KnownToken(10_000));
            return
            [
                new("token: known, nothing revoked", 0, alone.Admit),
                new("token: known, 10,000 others revoked", 0, amongMany.Admit),
            ];
        }
    }
}
