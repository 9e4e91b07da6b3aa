namespace Portcullis.Benchmarks.Budgets;

/// <summary>What one operation of the hot path may allocate.</summary>
/// <param name="Name">The operation, for people.</param>
/// <param name="Bytes">Bytes per operation; more fails the check.</param>
/// <param name="Operation">The operation, once. It must run to its end on the calling thread, unless it is counted for the process.</param>
/// <param name="IsOfProcess">Whether what all threads allocate counts.</param>
internal sealed record AllocationBudget(string Name, long Bytes, Action Operation, bool IsOfProcess = false);
