using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// A final response head of an upstream, and its body as it arrives. Disposing it before the body's end closes or resets
/// the upstream exchange; after the end it returns the connection to its pool.
/// </summary>
public abstract class UpstreamResponse : IAsyncDisposable
{
    /// <summary>200 to 599, or 101 for a granted HTTP/1.1 upgrade. Interim responses (1xx) never appear here.</summary>
    public abstract int StatusCode { get; }

    /// <summary>Length of the body where the head states it.</summary>
    public abstract long? ContentLength { get; }

    /// <summary>
    /// Adds the end-to-end header fields: hop-by-hop fields and all that Connection names are left out (RFC 9110 §7.6.1).
    /// Content-Length is among them where it is known.
    /// </summary>
    public abstract void CopyFieldsTo(IHeaderDictionary headers);

    /// <summary>
    /// Streams the body into <paramref name="destination"/>, with back-pressure, flushing whenever the upstream has nothing
    /// more ready. The first flush sends head and first octets together.
    /// </summary>
    /// <param name="destination">The response body; not completed here.</param>
    /// <param name="idleTimeout">Longest silence of the upstream, or of a client that does not take what is there.</param>
    /// <param name="cancellationToken">Fires when the client is gone.</param>
    public abstract ValueTask<CopyResult> CopyBodyAsync(PipeWriter destination, TimeSpan idleTimeout, CancellationToken cancellationToken);

    /// <summary>Adds the trailer fields, if any; valid after the body's end.</summary>
    public abstract void CopyTrailersTo(IHeaderDictionary trailers);

    /// <summary>Whether the response may have trailer fields, so that the server announces none in vain.</summary>
    public abstract bool MayHaveTrailers { get; }

    /// <summary>The two-way stream after a granted upgrade; throws <see cref="InvalidOperationException"/> otherwise.</summary>
    public abstract Stream UpgradedStream { get; }

    public abstract ValueTask DisposeAsync();
}
