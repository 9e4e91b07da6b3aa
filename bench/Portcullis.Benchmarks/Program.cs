using BenchmarkDotNet.Running;
using Portcullis.Benchmarks.Budgets;

// dotnet run -c Release --project bench/Portcullis.Benchmarks -- budgets              checks what each operation may allocate; 1 when one takes more
// dotnet run -c Release --project bench/Portcullis.Benchmarks -- --filter '*Routing*' measures times
if (args is ["budgets"])
    return BudgetCheck.Run(AllocationBudgets.All, Console.Out);

return BenchmarkSwitcher.FromAssembly(typeof(BudgetCheck).Assembly).Run(args).Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
