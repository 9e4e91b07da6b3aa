using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Tls;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// Sends traces and metrics to an OpenTelemetry collector. The metrics are those that <see cref="PrometheusText"/> shows, under the same
/// names with the same attributes, read anew for each export. A histogram, which the SDK has no observable form of, goes as the counters
/// that it consists of.
/// </summary>
internal sealed class OpenTelemetryExport : IDisposable
{
    /// <summary>Most octets that are taken of a collector's answer; a longer one is a failed export.</summary>
    private const int MostOfAnAnswer = 1024 * 1024;

    /// <summary>After this a collector's name is resolved anew.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly DataPlaneHost host;
    private readonly Meter meter;
    private readonly SocketsHttpHandler connections = CreateConnections();
    private readonly TracerProvider traces;
    private readonly MeterProvider meters;

    private OpenTelemetryExport(OtlpOptions options, DataPlaneHost host)
    {
        this.host = host;
        Options = options;
        meter = new Meter(Tracing.SourceName);
        var series = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var family in MetricCatalog.All)
        {
            foreach (var instrument in Create(family)) series[instrument.Name] = family.MostSeries;
        }

        var resource = ResourceBuilder.CreateDefault().AddService("portcullis", serviceVersion: typeof(OpenTelemetryExport).Assembly.GetName().Version?.ToString(3));
        traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(CreateSampler(options.SampleRatio))
            .AddSource(Tracing.SourceName)
            .AddOtlpExporter(exporter => Configure(exporter, options, "v1/traces"))
            .Build();
        meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(meter.Name)
            .AddView(instrument => new MetricStreamConfiguration { CardinalityLimit = series[instrument.Name] })
            .AddOtlpExporter((exporter, reader) =>
            {
                Configure(exporter, options, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.MetricsInterval.TotalMilliseconds;
            })
            .Build();
    }

    public OtlpOptions Options { get; }

    /// <summary>Starts the export; null where none is configured.</summary>
    public static OpenTelemetryExport? TryStart(OtlpOptions? options, DataPlaneHost host) => options is null ? null : new OpenTelemetryExport(options, host);

    /// <summary>Sends what waits, for some seconds at the most, and ends.</summary>
    public void Dispose()
    {
        traces.Dispose();
        meters.Dispose();
        meter.Dispose();
        connections.Dispose();
    }

    // Whoever is believed about addresses is believed about sampling; of anybody else's decision Tracing leaves nothing.
    private static ParentBasedSampler CreateSampler(double ratio)
    {
        var drawn = new DrawnSampler(ratio);
        return new ParentBasedSampler(drawn, remoteParentNotSampled: drawn);
    }

    /// <summary>Goes to the configured place and nowhere else: a redirect or a proxy that the environment names would get the header fields, which may hold a secret.</summary>
    private static SocketsHttpHandler CreateConnections() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = ConnectionLifetime,

        // Nothing is fetched from where a certificate says.
        SslOptions = { CertificateChainPolicy = UpstreamTls.ChainPolicy(null) },
    };

    private void Configure(OtlpExporterOptions exporter, OtlpOptions options, string path)
    {
        exporter.Protocol = options.Protocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = options.Protocol == OtlpProtocol.Grpc ? options.Endpoint : new Uri(options.Endpoint, path);
        if (options.Headers is { } headers) exporter.Headers = headers.Reveal();
        exporter.HttpClientFactory = () => new HttpClient(connections, disposeHandler: false)
        {
            Timeout = TimeSpan.FromMilliseconds(exporter.TimeoutMilliseconds),
            MaxResponseContentBufferSize = MostOfAnAnswer,
        };
    }

    private IEnumerable<Instrument> Create(MetricFamily family) => family.Kind switch
    {
        MetricKind.Counter => [meter.CreateObservableCounter(family.Name, () => Read(family, string.Empty), description: family.Help)],
        MetricKind.Gauge => [meter.CreateObservableGauge(family.Name, () => Read(family, string.Empty), description: family.Help)],
        _ => new[] { MetricFamily.Bucket, MetricFamily.Sum, MetricFamily.Count }
            .Select(part => meter.CreateObservableCounter(family.Name + part, () => Read(family, part), description: family.Help)),
    };

    private IEnumerable<Measurement<double>> Read(MetricFamily family, string suffix)
        => family.Read(host).Where(sample => sample.Suffix == suffix).Select(static sample => new Measurement<double>(sample.Value, sample.Labels));
}
