using System.Globalization;
using System.Text;

namespace Portcullis.Gateway.Telemetry;

/// <summary>The metrics in the Prometheus text format 0.0.4. Labels are names from the configuration and fixed words only.</summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(DataPlaneHost host)
    {
        var text = new StringBuilder(16 * 1024);
        foreach (var family in MetricCatalog.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {family.Name} {family.Help}\n# TYPE {family.Name} {family.Kind.ToString().ToLowerInvariant()}\n");
            foreach (var sample in family.Read(host)) Append(text, family.Name, sample);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string name, in MetricSample sample)
    {
        text.Append(name).Append(sample.Suffix);
        var opening = '{';
        foreach (var (label, value) in sample.Labels)
        {
            text.Append(opening).Append(label).Append("=\"").Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture)!)).Append('"');
            opening = ',';
        }

        if (sample.Labels.Length > 0) text.Append('}');
        text.Append(CultureInfo.InvariantCulture, $" {sample.Value}\n");
    }

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
