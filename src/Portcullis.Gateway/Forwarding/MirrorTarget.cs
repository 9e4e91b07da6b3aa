using System.Buffers;
using System.IO.Pipelines;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Copies a share of a route's requests to a second cluster.</summary>
internal sealed class MirrorTarget(Cluster cluster, double share, MirrorQueue queue)
{
    /// <summary>A longer body, or one of unknown length, is not mirrored.</summary>
    public const int MostBody = 64 * 1024;

    /// <summary>
    /// Offers a copy. A body is read whole first, so that it can go both ways; the request then carries what was read.
    /// Throws what reading the client's body throws.
    /// </summary>
    public async ValueTask OfferAsync(Exchange exchange, UpstreamRequest request, CancellationToken cancellationToken)
    {
        if (request.Upgrade is not null || (share < 1 && Random.Shared.NextDouble() >= share)) return;
        byte[]? body = null;
        if (request.Body is { } reader)
        {
            if (request.ContentLength is not (>= 0 and <= MostBody))
            {
                cluster.CountMirrorDropped();
                return;
            }

            body = await ReadAsync(reader, cancellationToken);
            request.Body = PipeReader.Create(new(body));
            request.ContentLength = body.Length;
            request.BodyStarted = false; // by a transport, that is: what was read is all still there
        }

        queue.Offer(cluster, request, cluster.View is { Options.PreserveHost: true } ? exchange.Authority : string.Empty, body);
    }

    private static async ValueTask<byte[]> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The server holds the body to its stated length, so this is bounded.
            var read = await reader.ReadAsync(cancellationToken);
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
