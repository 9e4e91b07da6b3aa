using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// What the caller sees of an exchange after its head. The one object made for each exchange: after it is disposed it
/// can't reach the connection, which by then may serve another caller.
/// </summary>
internal sealed class Http1Response(Http1Exchange exchange, ConnectionPool pool) : UpstreamResponse
{
    private Http1Exchange? exchange = exchange;
    private UpgradedStream? upgraded;

    public override int StatusCode => Parser.StatusCode;

    public override long? ContentLength => Parser.ContentLength;

    public override bool MayHaveTrailers => Parser.Framing == BodyFraming.Chunked;

    public override Stream UpgradedStream
    {
        get
        {
            if (Parser.Framing != BodyFraming.Upgraded)
                throw new InvalidOperationException("The upstream did not upgrade the connection.");

            if (upgraded is null)
            {
                var connection = Exchange.Connection;
                upgraded = new UpgradedStream(connection, connection.Buffered.ToArray());
                connection.ReleaseBuffer();
            }

            return upgraded;
        }
    }

    private Http1Exchange Exchange => exchange ?? throw new ObjectDisposedException(nameof(Http1Response));

    private ResponseParser Parser => Exchange.Parser;

    public override void CopyFieldsTo(IHeaderDictionary headers)
    {
        Copy(Parser.Fields, headers, areTrailers: false);

        // RFC 9110 §8.6: a 204 has none, even where the upstream says so.
        if (Parser.ContentLength is { } length && Parser.StatusCode != StatusCodes.Status204NoContent)
            headers.ContentLength = length;
    }

    public override ValueTask<CopyResult> CopyBodyAsync(PipeWriter destination, TimeSpan idleTimeout, CancellationToken cancellationToken) =>
        Exchange.Copier.CopyAsync(destination, idleTimeout, cancellationToken);

    public override void CopyTrailersTo(IHeaderDictionary trailers) => Copy(Parser.Trailers, trailers, areTrailers: true);

    public override ValueTask DisposeAsync()
    {
        var ended = Interlocked.Exchange(ref exchange, null);
        if (ended is null)
            return ValueTask.CompletedTask;

        if (!ended.LeavesCleanConnection)
            return FinishAsync(ended);

        Return(ended);
        return ValueTask.CompletedTask;
    }

    private async ValueTask FinishAsync(Http1Exchange ended)
    {
        await ended.FinishAsync();
        Return(ended);
    }

    private void Return(Http1Exchange ended)
    {
        var clean = ended.LeavesCleanConnection;
        ended.Forget();
        if (clean)
            pool.GiveBack(ended.Connection);
        else
            pool.Discard(ended.Connection);
    }

    private void Copy(FieldTable fields, IHeaderDictionary headers, bool areTrailers)
    {
        var connection = Parser.ConnectionNamesFields ? Parser.Fields.Connection : StringValues.Empty;
        foreach (ref readonly var field in fields.Fields)
        {
            if ((field.Traits & FieldTraits.HopByHop) != FieldTraits.None)
                continue;
            if (areTrailers && !EndToEnd.MayBeTrailer(field.Name))
                continue;
            if (connection.Count > 0 && ConnectionField.Names(connection, field.Name))
                continue;

            if (headers is FieldTable table)
            {
                table.AddFrom(fields, field);
                continue;
            }

            var present = headers[field.Name];
            var value = fields.ValueOf(field);
            headers[field.Name] = present.Count == 0 ? value : StringValues.Concat(present, value);
        }
    }
}
