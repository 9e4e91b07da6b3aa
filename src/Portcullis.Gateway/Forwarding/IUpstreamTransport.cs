namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// Carries single tries to one destination. Two implementations: the gateway's own HTTP/1.1 client and
/// <see cref="System.Net.Http.SocketsHttpHandler"/> for HTTP/2. Choosing, retrying and time-outs over tries are done above it.
/// </summary>
public interface IUpstreamTransport : IAsyncDisposable
{
    /// <summary>
    /// Sends the request and waits for the final response head. The body is sent while that is waited for and, where the
    /// upstream answers early, after it (full duplex).
    /// </summary>
    /// <param name="request">Owned by the caller; must stay unchanged until the response is disposed or an error returned.</param>
    /// <param name="cancellationToken">Fires at the try's time-out or when the client is gone; cancels only until the head has arrived.</param>
    /// <returns>A response that the caller disposes, or an error as a value. Throws only for bugs.</returns>
    ValueTask<UpstreamResult> SendAsync(UpstreamRequest request, CancellationToken cancellationToken);
}
