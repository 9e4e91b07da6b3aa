using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// The output of an HTTP/1.1 connection, passed through unchanged until <see cref="Refuse"/> has the last word: what the server writes
/// after that goes nowhere.
/// </summary>
internal sealed class RefusableOutput(PipeWriter inner) : PipeWriter
{
    private byte[]? sink;
    private Task<FlushResult>? lastFlush;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => sink is null ? inner.UnflushedBytes : 0;

    /// <summary>Writes a complete response and swallows all that follows. Once a connection; a second call does nothing.</summary>
    public void Refuse(int status, in RefusalReply reply, bool withoutBody, DateTimeOffset now)
    {
        if (sink is not null) return;
        var head = new StringBuilder(512);
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Type: application/problem+json\r\nContent-Length: {reply.Body.Length}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Cache-Control: no-store\r\nConnection: close\r\nDate: {now:R}\r\n");
        foreach (var (name, value) in reply.Fields) head.Append(name).Append(": ").Append(value).Append("\r\n");
        head.Append("\r\n");

        inner.Write(Encoding.Latin1.GetBytes(head.ToString()));
        if (!withoutBody) inner.Write(reply.Body.Span);
        sink = new byte[4096];
        lastFlush = inner.FlushAsync(CancellationToken.None).AsTask();
    }

    public override void Advance(int bytes)
    {
        if (sink is null) inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => sink is null ? inner.GetMemory(sizeHint) : Sink(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => sink is null ? inner.GetSpan(sizeHint) : Sink(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        => lastFlush is null ? inner.FlushAsync(cancellationToken) : new(lastFlush);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        => lastFlush is null ? inner.WriteAsync(source, cancellationToken) : new(lastFlush);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private byte[] Sink(int sizeHint) => sink!.Length >= sizeHint ? sink : sink = new byte[sizeHint];
}
