using System.Text;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Bodies;

/// <summary>The header of the part that is being read.</summary>
internal ref struct MultipartPart(ReadOnlySpan<byte> body, Span<MultipartHeader> headers)
{
    /// <summary>Header fields of a part. Forms have two or three; more than this is an error.</summary>
    public const int MaximumHeaders = 64;

    /// <summary>Bytes of a header line, its end included, and of an unfolded value; more is an error, as in ModSecurity.</summary>
    public const int MaximumHeaderLength = 4096;

    private readonly ReadOnlySpan<byte> body = body;
    private readonly Span<MultipartHeader> headers = headers;
    private PooledBytes names;
    private PooledBytes scratch;
    private int count;
    private int nameLength;

    public readonly ReadOnlySpan<byte> Name => names.Written[..nameLength];

    public readonly ReadOnlySpan<byte> FileName => names.Written[nameLength..];

    public bool IsFile { get; private set; }

    public void Begin()
    {
        count = 0;
        names.Truncate(0);
    }

    /// <summary>Adds a line of the header that isn't empty. Null, or what is wrong.</summary>
    public string? AddLine(int start, int end, ref MultipartFlags flags)
    {
        var line = body[start..end];
        if (line.Length >= MaximumHeaderLength) return "Multipart: part header line too long";
        if (AsciiClass.IsSpace(line[0])) return Continue(line, end, ref flags);

        var text = WithoutLineEnd(line);
        var nameEnd = text.IndexOf((byte)':');
        if (nameEnd < 0) return "Multipart: invalid part header (colon missing)";
        if (nameEnd == 0) return "Multipart: invalid part header (name missing)";
        var name = text[..nameEnd];
        // No name of a field (RFC 9110 §5.6.2), but some parsers overlook the odd character: the part goes on, so that rules see it all.
        if (name.ContainsAnyExceptInRange((byte)33, (byte)126)) flags |= MultipartFlags.InvalidPart;
        if (IndexOf(name) >= 0) return "Multipart: duplicate part header";
        if (count == MaximumHeaders) return "Multipart: too many part headers";
        headers[count++] = new MultipartHeader(start, nameEnd, start + text.Length, 0);
        return null;
    }

    /// <summary>Reads Content-Disposition. Null, or what is wrong.</summary>
    public string? EndHeader(ref MultipartFlags flags)
    {
        var found = IndexOf("Content-Disposition"u8);
        if (found < 0) return "Multipart: part missing Content-Disposition header";
        var error = ContentDisposition.Read(Value(headers[found]), ref names, out nameLength, out var fileNameLength, ref flags);
        IsFile = fileNameLength >= 0;
        return error;
    }

    public void PassHeaderTo(IBodySink sink)
    {
        foreach (ref readonly var header in headers[..count])
        {
            var line = body[header.Start..header.End];
            if (header.FoldedEnd > 0)
            {
                scratch.Truncate(0);
                scratch.Append(line[..header.NameLength]);
                scratch.Append(": "u8);
                AppendFolded(header);
                line = scratch.Written;
            }

            sink.TakePartHeader(Name, line);
        }
    }

    public void Dispose()
    {
        names.Dispose();
        scratch.Dispose();
    }

    private string? Continue(ReadOnlySpan<byte> line, int end, ref MultipartFlags flags)
    {
        flags |= MultipartFlags.HeaderFolding;
        foreach (var one in line)
        {
            if (!AsciiClass.IsSpace(one)) break;
            if (one is not ((byte)'\t' or (byte)' ')) flags |= MultipartFlags.InvalidHeaderFolding;
        }

        if (count == 0) return "Multipart: invalid part header (folding)";
        ref var header = ref headers[count - 1];
        header = header with { FoldedEnd = end };

        // Not the length of the value, but never less: so the lines are not put together once for each of them.
        return end - header.Start - header.NameLength > MaximumHeaderLength ? "Multipart: part header too long" : null;
    }

    private ReadOnlySpan<byte> Value(in MultipartHeader header)
    {
        scratch.Truncate(0);
        AppendFolded(header);
        return scratch.Written;
    }

    /// <summary>Appends the value; a space stands for each line break and the white space behind it.</summary>
    private void AppendFolded(in MultipartHeader header)
    {
        scratch.Append(body[(header.Start + header.NameLength + 1)..header.End].TrimStart("\t "u8));
        var at = header.End;
        while (at < header.FoldedEnd)
        {
            // The rest of the line before, then the next one.
            at += body[at..].IndexOf((byte)'\n') + 1;
            if (at >= header.FoldedEnd) break;
            var line = body[at..header.FoldedEnd];
            var end = line.IndexOf((byte)'\n');
            if (end >= 0) line = line[..(end + 1)];
            scratch.Append((byte)' ');
            scratch.Append(WithoutLineEnd(line).TrimStart("\t\n\v\f\r "u8));
            at += line.Length - 1;
        }
    }

    private readonly int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < count; i++)
        {
            if (Ascii.EqualsIgnoreCase(body.Slice(headers[i].Start, headers[i].NameLength), name)) return i;
        }

        return -1;
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> line) => line switch
    {
        [.., (byte)'\r', (byte)'\n'] => line[..^2],
        [.., (byte)'\n'] => line[..^1],
        _ => line,
    };
}
