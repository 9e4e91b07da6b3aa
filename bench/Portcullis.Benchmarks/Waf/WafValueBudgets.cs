using Portcullis.Benchmarks.Budgets;
using Portcullis.Waf.Transformations;

namespace Portcullis.Benchmarks.Waf;

/// <summary>What reading a body and transforming a value may allocate: nothing, but for XML, which is read by the base library.</summary>
internal static class WafValueBudgets
{
    public static IEnumerable<AllocationBudget> All
    {
        get
        {
            var samples = new WafValueSamples();
            foreach (var transformation in TransformationTable.Default.All)
                yield return new($"waf: {transformation.Name}, 1 KB", 0, () => samples.Apply(transformation, samples.Mixed));
            yield return new("waf: form body, 1 KB", 0, samples.ReadForm);
            yield return new("waf: JSON body, 1 KB", 0, samples.ReadJson);
            yield return new("waf: multipart body, 10 KB", 0, samples.ReadMultipart);
            yield return new("waf: XML body, 1 KB", 12 * 1024, samples.ReadXml);
        }
    }
}
