using System.IO.Pipelines;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Connections;

namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>A response of <see cref="SocketsTransport"/>.</summary>
internal sealed class SocketsResponse(
    SocketsTransport transport,
    HttpRequestMessage message,
    HttpResponseMessage response,
    Stream body,
    UpstreamRequest request) : UpstreamResponse
{
    private bool isDisposed;

    public override int StatusCode => (int)response.StatusCode;

    public override long? ContentLength => response.Content.Headers.ContentLength;

    public override bool MayHaveTrailers => true;

    // RFC 8441 §5: any 2xx to an extended CONNECT grants it.
    public override Stream UpgradedStream
        => request.Upgrade is not null && StatusCode is >= 200 and < 300
            ? body
            : throw new InvalidOperationException("The upstream did not upgrade.");

    public override void CopyFieldsTo(IHeaderDictionary headers)
    {
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (!EndToEnd.IsHopByHop(name)) headers.Append(name, ToStringValues(values));
        }

        foreach (var (name, values) in response.Content.Headers.NonValidated) headers.Append(name, ToStringValues(values));
    }

    public override ValueTask<CopyResult> CopyBodyAsync(PipeWriter destination, TimeSpan idleTimeout, CancellationToken cancellationToken)
        => BodyCopy.RunAsync(body, ExpectedLength, destination, idleTimeout, transport.Clock, cancellationToken);

    public override void CopyTrailersTo(IHeaderDictionary trailers)
    {
        foreach (var (name, values) in response.TrailingHeaders.NonValidated)
        {
            if (!FieldSyntax.IsToken(name) || !EndToEnd.MayBeTrailer(name)) continue;
            var copy = ToStringValues(values);
            if (AreValid(copy)) trailers.Append(name, copy);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        isDisposed = true;
        await transport.EndAsync(message, response);
    }

    // RFC 9110 §8.6: to HEAD, and in a 304, it is the length of what is not sent.
    private long? ExpectedLength => StatusCode switch
    {
        204 or 205 => 0,
        304 => null,
        _ => request.Method == "HEAD" ? null : ContentLength,
    };

    private static bool AreValid(StringValues values)
    {
        foreach (var value in values)
        {
            if (!FieldSyntax.IsValue(value)) return false;
        }

        return true;
    }

    private static StringValues ToStringValues(HeaderStringValues values)
    {
        if (values.Count == 1) return values.ToString();
        var copy = new string[values.Count];
        var i = 0;
        foreach (var value in values) copy[i++] = value;
        return copy;
    }
}
