using System.Diagnostics;

namespace Portcullis.Testing;

/// <summary>Measures what an operation allocates once its code is compiled for good: the quick first compilation boxes where the final one does not.</summary>
internal static class AllocatedBytes
{
    private const int Batch = 100;

    /// <summary>The fewest bytes that one of many batches allocated, per operation; ends at the first batch without any.</summary>
    public static long PerOperation(Action operation)
    {
        var least = long.MaxValue;
        var clock = Stopwatch.StartNew();
        while (least > 0 && clock.Elapsed < Eventually.Patience)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Batch; i++)
                operation();
            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Batch);
        }

        return least;
    }
}
