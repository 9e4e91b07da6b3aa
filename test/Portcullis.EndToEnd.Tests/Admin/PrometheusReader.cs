using System.Globalization;
using System.Text.RegularExpressions;

namespace Portcullis.EndToEnd.Tests.Admin;

/// <summary>Reads the Prometheus text format 0.0.4 and fails where a line is not of it.</summary>
internal static partial class PrometheusReader
{
    /// <summary>The value of each series.</summary>
    public static Dictionary<string, double> Read(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        string? family = null;
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal)) continue;
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                Assert.Equal(4, parts.Length);
                Assert.Contains(parts[3], (string[])["counter", "gauge", "histogram", "summary", "untyped"]);
                Assert.True(types.TryAdd(parts[2], parts[3]), "a second TYPE: " + line);
                family = parts[2];
                continue;
            }

            var sample = Sample().Match(line);
            Assert.True(sample.Success, "no sample: " + line);
            Assert.NotNull(family);
            var name = sample.Groups["name"].Value;
            string[] names = types[family] == "histogram" ? [family + "_bucket", family + "_sum", family + "_count"] : [family];
            Assert.Contains(name, names);
            if (types[family] == "counter") Assert.EndsWith("_total", name, StringComparison.Ordinal);
            Assert.True(samples.TryAdd(name + sample.Groups["labels"].Value, double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture)), "twice: " + line);
        }

        foreach (var (series, count) in samples.Where(sample => sample.Key.Contains("_count{", StringComparison.Ordinal)))
        {
            var buckets = samples.Where(sample => sample.Key.StartsWith(series[..^1].Replace("_count{", "_bucket{", StringComparison.Ordinal) + ",le=", StringComparison.Ordinal)).Select(sample => sample.Value).ToList();
            Assert.Equal(buckets.Order(), buckets);
            Assert.Equal(count, buckets[^1]);
        }

        return samples;
    }

    [GeneratedRegex("""\A(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\"n])*",?)+\})?) (?<value>-?[0-9.]+([eE][-+]?[0-9]+)?|\+Inf|NaN)\z""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();
}
