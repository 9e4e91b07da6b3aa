using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Headers;

namespace Portcullis.Benchmarks.Policies;

/// <summary>Time from an upstream's fields to the octets of the response head, and what of it the policy <c>headers</c> takes.</summary>
[MemoryDiagnoser]
public class ResponseFieldBenchmarks
{
    private static readonly (byte[] Name, byte[] Value)[] Upstream =
    [
        .. new[] { ("Content-Type", "application/json"), ("ETag", "\"5f3-1a2b3c\""), ("Cache-Control", "no-store"), ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"), ("Server", "upstream/1.2") }
            .Select(static field => (Encoding.ASCII.GetBytes(field.Item1), Encoding.ASCII.GetBytes(field.Item2))),
    ];

    private readonly FieldTable fields = new();
    private Exchange exchange = null!;
    private HeadersPolicy policy = null!;
    private KeyValuePair<string, StringValues>[] text = [];

    [GlobalSetup]
    public void Setup()
    {
        var preset = HeaderPresets.Of(HeadersPreset.Api);
        var set = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["X-Content-Type-Options"] = preset.ContentTypeOptions!,
            ["X-Frame-Options"] = preset.FrameOptions!,
            ["Referrer-Policy"] = preset.ReferrerPolicy!,
            ["Permissions-Policy"] = preset.PermissionsPolicy!,
            ["Cross-Origin-Opener-Policy"] = preset.CrossOriginOpenerPolicy!,
            ["Cross-Origin-Resource-Policy"] = preset.CrossOriginResourcePolicy!,
        };
        policy = new HeadersPolicy(set, preset.ContentSecurityPolicy, preset.StrictTransportSecurity, keepsCsp: false, HeaderPresets.Banners);
        text =
        [
            .. set.Select(static field => KeyValuePair.Create(field.Key, new StringValues(field.Value))),
            new(HeaderNames.ContentSecurityPolicy, preset.ContentSecurityPolicy),
            new(HeaderNames.StrictTransportSecurity, preset.StrictTransportSecurity),
        ];

        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { Method = "GET", Protocol = "HTTP/1.1", Scheme = "https", Path = "/", RawTarget = "/" });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature { Headers = fields });
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        exchange = new Exchange();
        exchange.Begin(features);
    }

    /// <summary>The fields of an upstream alone.</summary>
    [Benchmark(Baseline = true)]
    public int Without()
    {
        Receive();
        return Head();
    }

    [Benchmark]
    public int WithPolicy()
    {
        Receive();
        policy.OnResponse(exchange);
        return Head();
    }

    /// <summary>The same fields, removed by name one by one and set as text.</summary>
    [Benchmark]
    public int WithText()
    {
        Receive();
        foreach (var name in HeaderPresets.Banners) fields.Remove(name);
        foreach (var (name, value) in text) fields[name] = value;
        return Head();
    }

    private void Receive()
    {
        fields.Clear();
        foreach (var (name, value) in Upstream) fields.AddLine(name, KnownFields.Find(name, out var traits), value, traits);
    }

    private int Head()
    {
        var head = ResponseHead.Begin(200, null);
        head.AppendFields(fields);
        return head.Written.Length;
    }
}
