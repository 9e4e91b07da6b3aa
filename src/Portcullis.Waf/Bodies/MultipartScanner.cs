using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Bodies;

/// <summary>The state of one reading of <see cref="MultipartReader"/>, line by line.</summary>
internal ref struct MultipartScanner
{
    private readonly ReadOnlySpan<byte> boundary;
    private readonly ReadOnlySpan<byte> body;
    private readonly MultipartLimits limits;
    private readonly IBodySink sink;
    private readonly int maximumArguments;
    private MultipartPart part;
    private MultipartFlags flags;
    private State state;
    private int dataStart;
    private int files;

    public MultipartScanner(
        ReadOnlySpan<byte> boundary,
        ReadOnlySpan<byte> body,
        Span<MultipartHeader> headers,
        MultipartLimits limits,
        IBodySink sink,
        MultipartFlags flags,
        int maximumArguments)
    {
        this.boundary = boundary;
        this.body = body;
        this.limits = limits;
        this.sink = sink;
        this.flags = flags;
        this.maximumArguments = maximumArguments;
        part = new MultipartPart(body, headers);
    }

    private enum State
    {
        Preamble,
        Header,
        Data,
        Complete,
    }

    private enum Line
    {
        Other,
        Boundary,
        FinalBoundary,
    }

    public readonly MultipartFlags Flags => flags;

    /// <summary>The start of the line that is being read.</summary>
    public int At { get; private set; }

    public int Arguments { get; private set; }

    /// <summary>Reads the whole body. Null, or what is wrong with the line at <see cref="At"/>.</summary>
    public string? Run()
    {
        while (At < body.Length)
        {
            if (state == State.Complete)
            {
                flags |= MultipartFlags.DataAfter;
                return null;
            }

            var end = body[At..].IndexOf((byte)'\n');
            end = end < 0 ? body.Length : At + end + 1;
            var error = Classify(end, out var line) ?? (line == Line.Other ? TakeLine(end) : TakeBoundary(line == Line.FinalBoundary));
            if (error is not null) return error;
            At = end;
            if (state is State.Data or State.Preamble) SkipLines();
        }

        if (state == State.Complete || body.IsEmpty) return null;
        return state == State.Preamble ? "Multipart: no boundaries found in payload" : "Multipart: final boundary missing";
    }

    public void Dispose() => part.Dispose();

    /// <summary>Goes on to the line with the next two hyphens: no other can be a boundary, or hold one.</summary>
    private void SkipLines()
    {
        var hyphens = body[At..].IndexOf("--"u8);
        var skipped = hyphens < 0 ? body[At..] : body.Slice(At, hyphens);
        var lines = hyphens < 0 ? skipped.Length : skipped.LastIndexOf((byte)'\n') + 1;
        if (lines > 0 && state == State.Preamble) flags |= MultipartFlags.DataBefore;
        At += lines;
    }

    /// <summary>Says whether a line is a boundary, and notes what looks like one.</summary>
    private string? Classify(int end, out Line kind)
    {
        kind = Line.Other;
        var line = body[At..end];
        if (line.Length <= 3 || !line.StartsWith("--"u8))
        {
            NoteStrayBoundary(line);
            return null;
        }

        var text = line[2..];
        if (!text.StartsWith(boundary))
        {
            if (flags.HasFlag(MultipartFlags.BoundaryQuoted) && text[0] == '"' && text[1..].StartsWith(boundary))
                return "Multipart: invalid boundary (quotes)";
            var inner = text.TrimStart("\t\n\v\f\r "u8);
            if (inner.Length < text.Length && inner.StartsWith(boundary)) return "Multipart: invalid boundary (white space)";
            flags |= MultipartFlags.BoundaryLikeLine;
            return null;
        }

        var tail = text[boundary.Length..];
        var isFinal = tail.StartsWith("--"u8);
        if (isFinal) tail = tail[2..];
        var isUnended = tail.IsEmpty && end == body.Length;
        if (isUnended && (!isFinal || state == State.Preamble)) return null;
        if (IsBehindBareLineFeed) flags |= MultipartFlags.LfLine;

        // The boundary stands where a part's header or data should begin: then it is that.
        if (state == State.Header || (state == State.Data && At == dataStart))
        {
            flags |= MultipartFlags.InvalidPart;
            if (!isUnended) return null;
        }
        else if (!isUnended)
        {
            if (!tail.SequenceEqual("\r\n"u8) && !tail.SequenceEqual("\n"u8)) return "Multipart: invalid boundary";
            flags |= tail.Length == 1 ? MultipartFlags.LfLine : MultipartFlags.CrlfLine;
        }

        kind = isFinal ? Line.FinalBoundary : Line.Boundary;
        return null;
    }

    private readonly bool IsBehindBareLineFeed => At > 0 && body[At - 1] == '\n' && (At == 1 || body[At - 2] != '\r');

    private void NoteStrayBoundary(ReadOnlySpan<byte> line)
    {
        while (!flags.HasFlag(MultipartFlags.StrayBoundary))
        {
            var hyphens = line.IndexOf("--"u8);
            if (hyphens < 0) return;
            line = line[(hyphens + 1)..];
            if (line[1..].StartsWith(boundary)) flags |= MultipartFlags.StrayBoundary;
        }
    }

    /// <summary>Takes a line that is no boundary.</summary>
    private string? TakeLine(int end)
    {
        if (state == State.Preamble)
        {
            flags |= MultipartFlags.DataBefore;
            return null;
        }

        // Data is taken when its end is known, and a line without an end is missed at the end of the body.
        if (state == State.Data) return null;
        var line = body[At..end];
        if (line[^1] != '\n') return line.Length < MultipartPart.MaximumHeaderLength ? null : "Multipart: part header line too long";
        if (line.Contains((byte)0)) return "Multipart: NUL in part headers";
        flags |= line is [.., (byte)'\r', _] ? MultipartFlags.CrlfLine : MultipartFlags.LfLine;
        if (line is not ([(byte)'\n'] or [(byte)'\r', (byte)'\n'])) return part.AddLine(At, end, ref flags);

        var error = part.EndHeader(ref flags);
        if (error is not null) return error;
        state = State.Data;
        dataStart = end;
        return null;
    }

    private string? TakeBoundary(bool isFinal)
    {
        var error = state == State.Data ? TakePart() : null;
        if (error is not null) return error;
        state = isFinal ? State.Complete : State.Header;
        part.Begin();
        return null;
    }

    private string? TakePart()
    {
        // The line end before a boundary belongs to it.
        var data = body[dataStart..At];
        if (data is [.., (byte)'\n']) data = data is [.., (byte)'\r', _] ? data[..^2] : data[..^1];
        if (!part.IsFile)
        {
            if (Arguments >= maximumArguments) return BodyResult.ArgumentLimit;
            part.PassHeaderTo(sink);
            sink.TakeArgument(part.Name, data);
            Arguments++;
            return null;
        }

        if (files++ == limits.MaximumFiles) flags |= MultipartFlags.FileLimitExceeded;
        part.PassHeaderTo(sink);
        sink.TakeFile(part.Name, part.FileName, data);
        return null;
    }
}
