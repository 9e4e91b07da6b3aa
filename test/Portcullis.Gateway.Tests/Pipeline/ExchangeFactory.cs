using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Tests.Pipeline;

/// <summary>Makes exchanges over ASP.NET Core's own feature classes, for tests that need no server.</summary>
internal static class ExchangeFactory
{
    public static Exchange Create(
        string method = "GET", string path = "/", string scheme = "https", string host = "api.example.com", string address = "192.0.2.1", Caller? caller = null,
        IHeaderDictionary? fields = null, IHeaderDictionary? responseFields = null)
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { Method = method, Protocol = "HTTP/1.1", Scheme = scheme, Path = path, RawTarget = path, Headers = fields ?? new HeaderDictionary() });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature { Headers = responseFields ?? new HeaderDictionary() });
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new MemoryStream()));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());

        var exchange = new Exchange();
        exchange.Begin(features);
        exchange.RequestHeaders.Host = host;
        exchange.Authority = host;
        exchange.RequestId = "0123456789abcdef0123456789abcdef";
        exchange.ClientAddress = IPAddress.Parse(address);
        exchange.Caller = caller;
        Assert.True(HostName.TryNormalise(host, out var name, out _));
        exchange.Host = name;
        Assert.True(TargetNormaliser.TryNormalise(path, method, name, TargetSource.RequestLine, TargetOptions.Default, out var target, out _));
        exchange.Target = target;
        return exchange;
    }

    /// <summary>The response body as text.</summary>
    public static string BodyOf(Exchange exchange)
    {
        var stream = (MemoryStream)exchange.Features.GetRequiredFeature<IHttpResponseBodyFeature>().Stream;
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
