using System.Diagnostics;

namespace Portcullis.Benchmarks.Budgets;

/// <summary>Runs each budgeted operation and compares what it allocates with its budget.</summary>
internal static class BudgetCheck
{
    /// <summary>Operations of one measurement.</summary>
    private const int Operations = 5000;

    /// <summary>
    /// How long an operation may take to come into its budget. Code runs in a quick first compilation, which boxes where the final one
    /// does not, until the runtime has replaced it in the background.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Prints one line a budget. 0 when all are kept, 1 when one is exceeded or an operation fails.</summary>
    public static int Run(IEnumerable<AllocationBudget> budgets, TextWriter output)
    {
        var exceeded = 0;
        output.WriteLine($"{"operation",-70} {"budget",8} {"measured",10}");
        foreach (var budget in budgets)
        {
            var measured = Measure(budget);
            var isKept = measured <= budget.Bytes;
            exceeded += isKept ? 0 : 1;
            output.WriteLine($"{budget.Name,-70} {budget.Bytes,8} {measured,10:0.##}{(isKept ? "" : "  EXCEEDED")}");
        }

        output.WriteLine(exceeded == 0 ? "All budgets are kept." : $"{exceeded} exceeded.");
        return exceeded == 0 ? 0 : 1;
    }

    /// <summary>Bytes per operation, of the best of several measurements.</summary>
    private static double Measure(AllocationBudget budget)
    {
        var best = double.MaxValue;
        for (var clock = Stopwatch.StartNew(); best > budget.Bytes && clock.Elapsed < Patience;)
        {
            var before = Allocated();
            for (var i = 0; i < Operations; i++)
                budget.Operation();
            best = Math.Min(best, (Allocated() - before) / (double)Operations);
        }

        return best;

        long Allocated() => budget.IsOfProcess ? GC.GetTotalAllocatedBytes(precise: true) : GC.GetAllocatedBytesForCurrentThread();
    }
}
