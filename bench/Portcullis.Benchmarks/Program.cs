using BenchmarkDotNet.Running;
using Portcullis.Benchmarks.Budgets;
using Portcullis.Benchmarks.Identity;
using Portcullis.Benchmarks.Waf;

// dotnet run -c Release --project bench/Portcullis.Benchmarks -- budgets              checks what each operation may allocate; 1 when one takes more
// dotnet run -c Release --project bench/Portcullis.Benchmarks -- tokens               what tokens cost beside bare arithmetic; 1 when a goal is missed
// dotnet run -c Release --project bench/Portcullis.Benchmarks -- --filter '*Routing*' measures times
// dotnet run -c Release --project bench/Portcullis.Benchmarks -- hostile              prints what hostile inputs cost the firewall
if (args is ["hostile"])
    return HostileInputs.Run(Console.Out);

if (args is ["budgets"])
    return BudgetCheck.Run(AllocationBudgets.All, Console.Out);

if (args is ["tokens"])
    return TokenReport.Run(Console.Out);

return BenchmarkSwitcher.FromAssembly(typeof(BudgetCheck).Assembly).Run(args).Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
