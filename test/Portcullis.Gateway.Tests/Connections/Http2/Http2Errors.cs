using Portcullis.Gateway.Tests.Http2;
using static Portcullis.Gateway.Tests.Http2.RawHttp2Client;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>Frames that are an error, and its code. Streams are answered at once, but for those that ask for /never.</summary>
internal static class Http2Errors
{
    private const uint ProtocolError = 1;
    private const uint FlowControlError = 3;
    private const uint StreamClosed = 5;
    private const uint FrameSizeError = 6;
    private const uint CompressionError = 9;
    private const uint EnhanceYourCalm = 11;

    private const byte NoFlags = 0;

    private static readonly byte[] Block = PlainHpack.Encode(Request("POST", "/never"));

    // A request without an end that is not answered.
    private static readonly byte[] Open = Headers(3, Request("POST", "/never"), endStream: false);

    // A request that has ended and is not answered.
    private static readonly byte[] Whole = Headers(3, Request(path: "/never"));

    // A request that the client has given up.
    private static readonly byte[] Reset = [.. Open, .. Number(Http2FrameType.RstStream, 3, 8)];

    public static TheoryData<string, byte[]> OfBeginnings => new()
    {
        { "other preface", "SM\r\n\r\n"u8.ToArray() },
        { "PING first", [.. Preface[16..], .. Frame(Http2FrameType.Ping, NoFlags, 0, new byte[8])] },
        { "request first", [.. Preface[16..], .. Headers(1, Request())] },
        { "unknown frame first", [.. Preface[16..], .. Frame((Http2FrameType)0x77, NoFlags, 0, [])] },
        { "acknowledgement first", [.. Preface[16..], .. Frame(Http2FrameType.Settings, Http2Frame.Ack, 0, [])] },
    };

    public static TheoryData<string, byte[], uint> OfConnections => new()
    {
        { "DATA on the connection", Data(0, "x"u8), ProtocolError },
        { "HEADERS on the connection", Headers(0, Request()), ProtocolError },
        { "PRIORITY on the connection", Frame(Http2FrameType.Priority, NoFlags, 0, new byte[5]), ProtocolError },
        { "RST_STREAM on the connection", Number(Http2FrameType.RstStream, 0, 8), ProtocolError },
        { "CONTINUATION on the connection", Frame(Http2FrameType.Continuation, Http2Frame.EndHeaders, 0, []), ProtocolError },
        { "SETTINGS on a stream", Frame(Http2FrameType.Settings, NoFlags, 1, []), ProtocolError },
        { "PING on a stream", Frame(Http2FrameType.Ping, NoFlags, 1, new byte[8]), ProtocolError },
        { "GOAWAY on a stream", Frame(Http2FrameType.GoAway, NoFlags, 1, new byte[8]), ProtocolError },
        { "DATA that is too large", [.. Open, .. Data(3, new byte[16385])], FrameSizeError },
        { "unknown frame that is too large", Frame((Http2FrameType)0x77, NoFlags, 0, new byte[16385])[..9], FrameSizeError },
        { "SETTINGS of seven octets", Frame(Http2FrameType.Settings, NoFlags, 0, new byte[7]), FrameSizeError },
        { "acknowledgement that says something", Frame(Http2FrameType.Settings, Http2Frame.Ack, 0, new byte[6]), FrameSizeError },
        { "PING of seven octets", Frame(Http2FrameType.Ping, NoFlags, 0, new byte[7]), FrameSizeError },
        { "PING of nine octets", Frame(Http2FrameType.Ping, NoFlags, 0, new byte[9]), FrameSizeError },
        { "GOAWAY of seven octets", Frame(Http2FrameType.GoAway, NoFlags, 0, new byte[7]), FrameSizeError },
        { "RST_STREAM of three octets", [.. Open, .. Frame(Http2FrameType.RstStream, NoFlags, 3, new byte[3])], FrameSizeError },
        { "RST_STREAM of five octets", [.. Open, .. Frame(Http2FrameType.RstStream, NoFlags, 3, new byte[5])], FrameSizeError },
        { "WINDOW_UPDATE of three octets", Frame(Http2FrameType.WindowUpdate, NoFlags, 0, new byte[3]), FrameSizeError },
        { "WINDOW_UPDATE of five octets", Frame(Http2FrameType.WindowUpdate, NoFlags, 0, new byte[5]), FrameSizeError },
        { "padded DATA without a length", [.. Open, .. Frame(Http2FrameType.Data, Http2Frame.Padded, 3, [])], FrameSizeError },
        { "padded HEADERS without a length", Frame(Http2FrameType.Headers, Http2Frame.Padded | Http2Frame.EndHeaders, 3, []), FrameSizeError },
        { "HEADERS with half a priority", Frame(Http2FrameType.Headers, Http2Frame.Priority | Http2Frame.EndHeaders, 3, new byte[4]), FrameSizeError },
        { "padding as long as DATA", [.. Open, .. Frame(Http2FrameType.Data, Http2Frame.Padded, 3, [3, 0, 0])], ProtocolError },
        { "padding longer than HEADERS", Frame(Http2FrameType.Headers, Http2Frame.Padded | Http2Frame.EndHeaders, 3, [3, 0, 0]), ProtocolError },
        { "padding that reaches into the priority", Frame(Http2FrameType.Headers, Http2Frame.Padded | Http2Frame.Priority, 3, [1, 0, 0, 0, 0, 0]), ProtocolError },
        { "ENABLE_PUSH of 2", Settings((Http2Setting.EnablePush, 2)), ProtocolError },
        { "ENABLE_CONNECT_PROTOCOL of 2", Settings((Http2Setting.EnableConnectProtocol, 2)), ProtocolError },
        { "INITIAL_WINDOW_SIZE of 2^31", Settings((Http2Setting.InitialWindowSize, 1u << 31)), FlowControlError },
        { "MAX_FRAME_SIZE below 2^14", Settings((Http2Setting.MaxFrameSize, 16383)), ProtocolError },
        { "MAX_FRAME_SIZE above 2^24-1", Settings((Http2Setting.MaxFrameSize, 1 << 24)), ProtocolError },
        { "INITIAL_WINDOW_SIZE that makes a window too large", [.. Whole, .. Number(Http2FrameType.WindowUpdate, 3, 1), .. Settings((Http2Setting.InitialWindowSize, int.MaxValue))], FlowControlError },
        { "push of a client", Frame(Http2FrameType.PushPromise, Http2Frame.EndHeaders, 1, [0, 0, 0, 2, .. Block]), ProtocolError },
        { "CONTINUATION without a beginning", Frame(Http2FrameType.Continuation, Http2Frame.EndHeaders, 1, Block), ProtocolError },
        { "CONTINUATION behind the end", [.. Open, .. Frame(Http2FrameType.Continuation, Http2Frame.EndHeaders, 3, Block)], ProtocolError },
        { "PING within a field block", [.. Frame(Http2FrameType.Headers, NoFlags, 1, Block), .. Frame(Http2FrameType.Ping, NoFlags, 0, new byte[8])], ProtocolError },
        { "unknown frame within a field block", [.. Frame(Http2FrameType.Headers, NoFlags, 1, Block), .. Frame((Http2FrameType)0x77, NoFlags, 1, [])], ProtocolError },
        { "CONTINUATION of another stream", [.. Frame(Http2FrameType.Headers, NoFlags, 1, Block), .. Frame(Http2FrameType.Continuation, Http2Frame.EndHeaders, 3, [])], ProtocolError },
        { "WINDOW_UPDATE by nothing", Number(Http2FrameType.WindowUpdate, 0, 0), ProtocolError },
        { "WINDOW_UPDATE beyond 2^31-1", Number(Http2FrameType.WindowUpdate, 0, int.MaxValue), FlowControlError },
        { "WINDOW_UPDATE of a stream that is none yet", Number(Http2FrameType.WindowUpdate, 1, 1), ProtocolError },
        { "WINDOW_UPDATE of a stream of ours", [.. Open, .. Number(Http2FrameType.WindowUpdate, 2, 1)], ProtocolError },
        { "RST_STREAM of a stream that is none yet", Number(Http2FrameType.RstStream, 1, 8), ProtocolError },
        { "RST_STREAM of a stream of ours", [.. Open, .. Number(Http2FrameType.RstStream, 2, 8)], ProtocolError },
        { "DATA of a stream that is none yet", Data(1, "x"u8), ProtocolError },
        { "DATA of a stream of ours", [.. Open, .. Data(2, "x"u8)], ProtocolError },
        { "PRIORITY of four octets for a stream that is none yet", Frame(Http2FrameType.Priority, NoFlags, 9, new byte[4]), FrameSizeError },
        { "PRIORITY on itself of a stream that is none yet", Frame(Http2FrameType.Priority, NoFlags, 9, [0, 0, 0, 9, 1]), ProtocolError },
        { "even stream", Headers(2, Request()), ProtocolError },
        { "stream below one that was opened", [.. Open, .. Headers(1, Request())], ProtocolError },
        { "DATA of a stream that was reset", [.. Reset, .. Data(3, "x"u8)], StreamClosed },
        { "HEADERS of a stream that was reset", [.. Reset, .. Headers(3, [("x", "y")])], StreamClosed },
        { "index of nothing", Frame(Http2FrameType.Headers, Http2Frame.EndHeaders, 1, [0x80]), CompressionError },
        { "fields that end too early", Frame(Http2FrameType.Headers, Http2Frame.EndHeaders, 1, Block.AsSpan(0, Block.Length - 1)), CompressionError },
        { "trailers that end too early", [.. Open, .. Frame(Http2FrameType.Headers, Http2Frame.EndHeaders | Http2Frame.EndStream, 3, [0, 9])], CompressionError },
        { "compression error where nobody wants the fields", [.. Refused(9), .. Frame(Http2FrameType.Headers, Http2Frame.EndHeaders, 11, [0x80])], CompressionError },
        { "fields beyond all limits", [.. Frame(Http2FrameType.Headers, NoFlags, 1, new byte[16384]), .. Frame(Http2FrameType.Continuation, NoFlags, 1, new byte[16384]), .. Frame(Http2FrameType.Continuation, NoFlags, 1, new byte[16384])], EnhanceYourCalm },
        { "DATA beyond the connection's window", [.. Enumerable.Range(0, 4).SelectMany(i => (byte[])[.. Headers(1 + (2 * i), Request("POST", "/never"), endStream: false), .. Full(1 + (2 * i))])], FlowControlError },
    };

    public static TheoryData<string, byte[], uint> OfStreams => new()
    {
        { "WINDOW_UPDATE by nothing", [.. Whole, .. Number(Http2FrameType.WindowUpdate, 3, 0)], ProtocolError },
        { "WINDOW_UPDATE beyond 2^31-1", [.. Whole, .. Number(Http2FrameType.WindowUpdate, 3, int.MaxValue)], FlowControlError },
        { "PRIORITY of four octets", [.. Whole, .. Frame(Http2FrameType.Priority, NoFlags, 3, new byte[4])], FrameSizeError },
        { "PRIORITY of six octets", [.. Whole, .. Frame(Http2FrameType.Priority, NoFlags, 3, new byte[6])], FrameSizeError },
        { "PRIORITY on itself", [.. Whole, .. Frame(Http2FrameType.Priority, NoFlags, 3, [0, 0, 0, 3, 1])], ProtocolError },
        { "DATA beyond the stream's window", [.. Open, .. Full(3), .. Data(3, "x"u8)], FlowControlError },
        { "DATA behind the end", [.. Whole, .. Data(3, "x"u8)], StreamClosed },
        { "HEADERS behind the end", [.. Whole, .. Headers(3, [("x", "y")])], StreamClosed },
    };

    /// <summary>RFC 9113 §5.1: after a RST_STREAM of ours, and what is of no effect in any state.</summary>
    public static TheoryData<string, byte[]> OfNobody => new()
    {
        { "DATA of a stream that we reset", [.. Open, .. Number(Http2FrameType.WindowUpdate, 3, 0), .. Data(3, "x"u8), .. Data(3, "x"u8, endStream: true)] },
        { "trailers of a stream that we reset", [.. Open, .. Number(Http2FrameType.WindowUpdate, 3, 0), .. Headers(3, [("x", "y")])] },
        { "DATA of a stream that we refused", [.. Refused(9), .. Data(9, "x"u8), .. Headers(9, [("x", "y")]), .. Number(Http2FrameType.RstStream, 7, 8)] },
        { "WINDOW_UPDATE of a stream that has ended", [.. Headers(1, Request()), .. Number(Http2FrameType.WindowUpdate, 1, 1)] },
        { "RST_STREAM of a stream that has ended", [.. Headers(1, Request()), .. Number(Http2FrameType.RstStream, 1, 8)] },
        { "WINDOW_UPDATE of a stream that was reset", [.. Reset, .. Number(Http2FrameType.WindowUpdate, 3, 1), .. Number(Http2FrameType.RstStream, 3, 8)] },
        { "PRIORITY of streams that are none", [.. Frame(Http2FrameType.Priority, NoFlags, 3, new byte[5]), .. Frame(Http2FrameType.Priority, NoFlags, 2, new byte[5])] },
        { "MAX_FRAME_SIZE at its ends", Settings((Http2Setting.MaxFrameSize, 16384), (Http2Setting.MaxFrameSize, (1 << 24) - 1)) },
    };

    /// <summary>A window of 64 KiB, filled.</summary>
    private static byte[] Full(int stream) => [.. Enumerable.Range(0, 4).SelectMany(_ => Data(stream, new byte[16384]))];

    /// <summary>So many requests that the last of them is one too many.</summary>
    private static byte[] Refused(int last) => [.. Enumerable.Range(0, 4).SelectMany(i => Headers(last - 6 + (2 * i), Request("POST", "/never"), endStream: false))];
}
