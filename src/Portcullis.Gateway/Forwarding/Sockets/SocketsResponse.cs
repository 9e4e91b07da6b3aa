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
    PipeContent? requestContent,
    Stream body,
    UpstreamRequest request) : UpstreamResponse
{
    private bool isDisposed;

    public override int StatusCode => (int)response.StatusCode;

    public override long? ContentLength => response.Content.Headers.ContentLength;

    public override bool MayHaveTrailers => response.Version.Major == 2 || response.Headers.TransferEncodingChunked == true;

    // A granted upgrade is 101 in HTTP/1.1, and any 2xx to an extended CONNECT in HTTP/2 (RFC 8441 §5).
    public override Stream UpgradedStream
        => StatusCode == 101 || (request.Upgrade is not null && response.Version.Major == 2 && StatusCode is >= 200 and < 300)
            ? body
            : throw new InvalidOperationException("The upstream did not upgrade.");

    public override void CopyFieldsTo(IHeaderDictionary headers)
    {
        var connection = response.Headers.NonValidated.TryGetValues("Connection", out var options) ? ToStringValues(options) : StringValues.Empty;
        var namesFields = ConnectionField.NamesFields(connection);
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (EndToEnd.IsHopByHop(name) || (namesFields && ConnectionField.Names(connection, name))) continue;
            headers.Append(name, ToStringValues(values));
        }

        foreach (var (name, values) in response.Content.Headers.NonValidated)
        {
            if (namesFields && ConnectionField.Names(connection, name)) continue;
            headers.Append(name, ToStringValues(values));
        }
    }

    public override ValueTask<CopyResult> CopyBodyAsync(PipeWriter destination, TimeSpan idleTimeout, CancellationToken cancellationToken)
        => BodyCopy.RunAsync(body, destination, idleTimeout, transport.Clock, cancellationToken);

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
        response.Dispose();
        if (requestContent is not null) await requestContent.StopAsync();
        message.Dispose();
        transport.Release();
    }

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
