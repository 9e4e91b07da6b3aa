using System.Buffers;
using System.Globalization;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>Puts the framing of HTTP/1.1 around a request's body and checks that the body keeps to it.</summary>
internal sealed class RequestBodyWriter
{
    // Content per write: large enough to need few system calls, small enough to stay in the cache.
    private const int Capacity = 32 * 1024;

    // Size line and CRLF of a chunk, and the last chunk.
    private const int ChunkOverhead = 32;

    private UpstreamRequest? request;
    private long left;
    private volatile bool complete;

    /// <summary>Whether the body, trailer section included, has been written whole.</summary>
    public bool Complete
    {
        get => complete;
        private set => complete = value;
    }

    /// <summary>What the client's body did wrong; the connection is then not to be used on.</summary>
    public string? Error { get; private set; }

    public void Begin(UpstreamRequest of)
    {
        request = of;
        left = of.ContentLength ?? 0;
        Error = null;
        Complete = of.Body is null || of.ContentLength == 0;
    }

    public void Forget() => request = null;

    /// <summary>Appends as much of <paramref name="body"/> as fits one write.</summary>
    /// <param name="last">Nothing follows <paramref name="body"/>.</param>
    /// <returns>How far the body was taken.</returns>
    public SequencePosition Append(OutputBuffer output, in ReadOnlySequence<byte> body, bool last)
    {
        var chunked = request!.ContentLength is null;
        if (!chunked && body.Length > left)
            Error = "the body is longer than its Content-Length";

        var room = Math.Max(0, Capacity - ChunkOverhead - output.Length);
        var taken = body.Slice(0, Error is null ? Math.Min(room, body.Length) : 0);
        var all = taken.Length == body.Length;
        if (taken.Length > 0)
            AppendContent(output, taken, chunked);

        if (chunked && last && all)
            AppendEnd(output);
        else if (!chunked && left == 0)
            Complete = Error is null;
        else if (!chunked && last && all)
            Error ??= "the body is shorter than its Content-Length";

        return taken.End;
    }

    private void AppendContent(OutputBuffer output, in ReadOnlySequence<byte> content, bool chunked)
    {
        var length = (int)content.Length;
        if (chunked)
        {
            length.TryFormat(output.Reserve(8), out int digits, "x", CultureInfo.InvariantCulture);
            output.Advance(digits);
            output.Append("\r\n"u8);
        }

        content.CopyTo(output.Reserve(length));
        output.Advance(length);
        if (chunked)
            output.Append("\r\n"u8);
        else
            left -= length;
    }

    private void AppendEnd(OutputBuffer output)
    {
        output.Append("0\r\n"u8);
        if (request!.Trailers?.Invoke() is { } trailers)
            Error = RequestHead.WriteTrailers(output, trailers);
        output.Append("\r\n"u8);
        Complete = Error is null;
    }
}
