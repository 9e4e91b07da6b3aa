using System.Text;
using Portcullis.Waf.Bodies;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// Multipart bodies as the WAF reads them: input is the Content-Type, a line feed and the body. Whatever it is, reading ends with a result, what is passed
/// on is of the body, and a body about which nothing is unusual holds the parts that a plain reader finds by splitting it.
/// </summary>
internal sealed class WafMultipartTarget : IFuzzTarget
{
    public string Name => "waf-multipart";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "multipart/form-data; boundary=b", "multipart/form-data; boundary=\"b\"", "boundary", "=", "\"", "'", ";", "\r\n", "\n", "\r", "--b\r\n",
        "--b--\r\n", "\r\n--b\r\n", "\r\n--b--", "--", "--b", "b",
        "Content-Disposition: form-data; name=\"a\"", "; filename=\"x\"", "filename*=", "name=", "Content-Type: text/plain", ": ", ":", "\r\n ", "\r\n\t",
        "\v", "\f", "\0", "\\", "\\\"", "\r\n\r\n", "\u00e9",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var end = Math.Max(input.IndexOf((byte)'\n'), 0);
        var body = input.IsEmpty ? input : input[(end + 1)..];
        Check(input[..end], body);
        Check("multipart/form-data; boundary=b"u8, body); // Most changes break the Content-Type: the body is read all the same.
    }

    private static void Check(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        var sink = new WafBodySink();
        var result = MultipartReader.Read(contentType, body, new MultipartLimits(), sink, out var flags);
        BrokenInvariantException.Unless(result.IsError == flags.HasFlag(MultipartFlags.Error), "an error is flagged");
        BrokenInvariantException.Unless(result.Offset >= 0 && result.Offset <= body.Length, "an error lies within the body");
        BrokenInvariantException.Unless(result.Arguments == sink.Arguments.Count, "arguments are counted");

        // Part names stand before each line of a header, and folded lines get a space for each line break.
        BrokenInvariantException.Unless(sink.Octets <= 100L * (body.Length + 100), "what is passed on is in proportion to the body");
        var text = Encoding.Latin1.GetString(body);
        foreach (var (_, value) in sink.Arguments)
            BrokenInvariantException.Unless(text.Contains(value, StringComparison.Ordinal), "a value is of the body");
        foreach (var (_, _, content) in sink.Files)
            BrokenInvariantException.Unless(text.Contains(content, StringComparison.Ordinal), "a file is of the body");
        foreach (var (part, line) in sink.PartHeaders)
        {
            BrokenInvariantException.Unless(line.Contains(':') && !line.Contains('\n') && !line.Contains('\0'), "a part header is a line");
            var isOfPart = sink.Arguments.Any(one => one.Name == part) || sink.Files.Any(one => one.Name == part);
            BrokenInvariantException.Unless(isOfPart, "a part header is of a part");
        }

        var again = new WafBodySink();
        MultipartReader.Read(contentType, body, new MultipartLimits(), again, out var flagsAgain);
        BrokenInvariantException.Unless(flags == flagsAgain && sink.IsLike(again), "the same comes of the same");
        if (flags == MultipartFlags.CrlfLine) CheckBySplitting(Encoding.Latin1.GetString(contentType), text, sink);
    }

    private static void CheckBySplitting(string contentType, string body, WafBodySink sink)
    {
        var delimiter = "\r\n--" + contentType[(contentType.IndexOf('=', StringComparison.Ordinal) + 1)..];
        var pieces = ("\r\n" + body).Split(delimiter);
        BrokenInvariantException.Unless(pieces[0].Length == 0 && pieces[^1] is "--" or "--\r\n", "a clean body starts and ends with boundaries");
        var contents = pieces[1..^1].Select(static piece => piece[(piece.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        var passed = sink.Arguments.Select(static one => one.Value).Concat(sink.Files.Select(static one => one.Content));
        BrokenInvariantException.Unless(
            contents.Order(StringComparer.Ordinal).SequenceEqual(passed.Order(StringComparer.Ordinal)), "a clean body holds what a reader finds by splitting");
    }
}
