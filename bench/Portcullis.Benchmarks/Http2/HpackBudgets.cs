using Portcullis.Benchmarks.Budgets;

namespace Portcullis.Benchmarks.Http2;

/// <summary>What reading and writing header blocks may allocate on a connection that has had such blocks before: nothing.</summary>
internal static class HpackBudgets
{
    public static IEnumerable<AllocationBudget> All
    {
        get
        {
            var samples = new HpackSamples();
            return
            [
                new("hpack: a browser's request", 0, samples.DecodeBrowser),
                new("hpack: a request of five fields", 0, samples.DecodeLoad),
                new("hpack: a request of literals", 0, samples.DecodeLiterals),
                new("hpack: a response with security fields", 0, () => samples.EncodeResponse()),
            ];
        }
    }
}
