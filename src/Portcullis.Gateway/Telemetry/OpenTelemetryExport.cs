using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// Sends traces and metrics to an OpenTelemetry collector while one is configured. The metrics are the same counters that
/// <see cref="PrometheusText"/> shows, observed at each export.
/// </summary>
internal sealed class OpenTelemetryExport : IDisposable
{
    private readonly GatewayMetrics metrics;
    private readonly Meter meter;
    private readonly TracerProvider traces;
    private readonly MeterProvider meters;

    private OpenTelemetryExport(OtlpOptions options, GatewayMetrics metrics)
    {
        this.metrics = metrics;
        Options = options;
        var resource = ResourceBuilder.CreateDefault().AddService("portcullis", serviceVersion: typeof(OpenTelemetryExport).Assembly.GetName().Version?.ToString(3));
        meter = CreateMeter();
        traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.SampleRatio)))
            .AddSource(Tracing.SourceName)
            .AddOtlpExporter(exporter => Configure(exporter, options, "v1/traces"))
            .Build();
        meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(meter.Name)
            .AddOtlpExporter((exporter, reader) =>
            {
                Configure(exporter, options, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.MetricsInterval.TotalMilliseconds;
            })
            .Build();
    }

    public OtlpOptions Options { get; }

    /// <summary>Starts the export; null where none is configured.</summary>
    public static OpenTelemetryExport? TryStart(OtlpOptions? options, GatewayMetrics metrics) => options is null ? null : new OpenTelemetryExport(options, metrics);

    /// <summary>Sends what waits, for some seconds at the most, and ends.</summary>
    public void Dispose()
    {
        traces.Dispose();
        meters.Dispose();
        meter.Dispose();
    }

    private static void Configure(OtlpExporterOptions exporter, OtlpOptions options, string path)
    {
        exporter.Protocol = options.Protocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = options.Protocol == OtlpProtocol.Grpc ? options.Endpoint : new Uri(options.Endpoint, path);
        if (options.Headers is { } headers) exporter.Headers = headers.Reveal();
    }

    private Meter CreateMeter()
    {
        var created = new Meter(Tracing.SourceName);
        created.CreateObservableCounter("portcullis.requests", Requests, "{request}", "Requests by route and status class");
        created.CreateObservableCounter("portcullis.refusals", Refusals, "{request}", "Refused requests by route and code");
        created.CreateObservableCounter("portcullis.response.size", () => PerRoute(route => route.ResponseBytes), "By", "Octets of response bodies");
        created.CreateObservableCounter("portcullis.request.duration.sum", () => PerRoute(route => route.DurationMicroseconds), "us", "Time from request to complete response");
        created.CreateObservableUpDownCounter("portcullis.requests.active", () => metrics.InFlight, "{request}", "Requests in flight");
        return created;
    }

    private IEnumerable<Measurement<long>> Requests()
        => from route in metrics.Routes
           from statusClass in Enumerable.Range(1, 5)
           let count = route.Responses(statusClass)
           where count > 0
           select new Measurement<long>(count, new("http.route", route.Route), new("http.response.status_class", $"{statusClass}xx"));

    private IEnumerable<Measurement<long>> Refusals()
        => from route in metrics.Routes
           from refusal in route.Refusals
           select new Measurement<long>(refusal.Value, new("http.route", route.Route), new("portcullis.code", refusal.Key));

    private IEnumerable<Measurement<long>> PerRoute(Func<RouteCounters, long> read)
        => metrics.Routes.Select(route => new Measurement<long>(read(route), new KeyValuePair<string, object?>("http.route", route.Route)));
}
