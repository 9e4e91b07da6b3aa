using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Connections;

/// <summary>Sends a complete small response from inside the parser's refusal, synchronously.</summary>
public static class RefusalResponse
{
    /// <summary>Sets status and fields and puts head and body into the connection's output, which closes once they are sent.</summary>
    public static void Send(IFeatureCollection features, int status, string requestId, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(features);
        var response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = status;
        response.ReasonPhrase = null;
        var headers = response.Headers;
        headers.ContentType = "application/problem+json";
        headers.ContentLength = body.Length;
        headers.CacheControl = "no-store";
        headers.Connection = "close";
        headers["X-Request-Id"] = requestId;

        var writer = features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
        writer.Write(body);

        // The transport's buffer takes a few KiB at once; what is left of the flush, if anything, goes on by itself.
        _ = writer.FlushAsync(CancellationToken.None).AsTask();
    }
}
