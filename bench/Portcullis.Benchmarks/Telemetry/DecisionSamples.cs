using System.Net;
using Portcullis.Gateway.Routing;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Benchmarks.Telemetry;

/// <summary>Records as requests leave them.</summary>
internal static class DecisionSamples
{
    public static DecisionRecord Forwarded { get; } = new()
    {
        Time = DateTimeOffset.UnixEpoch.AddSeconds(1_790_000_000.123),
        RequestId = "0123456789abcdef0123456789abcdef",
        TraceParent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00",
        Listener = "public",
        Route = "orders",
        Method = "GET",
        Host = HostName.TryNormalise("api.example.com", out var host, out _) ? host : default,
        Path = "/orders/17/lines".AsMemory(),
        Protocol = "HTTP/1.1",
        Status = 200,
        Code = null,
        Source = null,
        Cause = null,
        Shadowed = null,
        Caller = "shop",
        Address = IPAddress.Parse("192.0.2.1"),
        Duration = TimeSpan.FromMicroseconds(1234.5),
        Upstream = TimeSpan.FromMicroseconds(987.6),
        Destination = "http://127.0.0.1:9001",
        ResponseBytes = 1024,
    };
}
