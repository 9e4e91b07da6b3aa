using System.Buffers.Binary;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// Connections of HTTP/2 clients: input is an octet that chooses limits and form, then what the client sends behind its preface, either as it is or
/// as a list of frames (type, flags, stream, two octets of length, payload) that get headers which are right. For any octets the reader never
/// throws, never waits for more than it holds, costs memory in proportion to what it reads, understands pieces as the whole; what reaches the
/// application keeps the rules (<see cref="Http2Origin"/>), and so does what the client gets (<see cref="Http2Answers"/>).
/// </summary>
internal sealed class Http2FramesTarget : IFuzzTarget
{
    // A hundred streams and twice, each with its tables.
    private const int MostAllocated = 8 * 1024 * 1024;
    private const int MostAllocatedPerOctet = 64;

    private static readonly ListenerLimits Usual = new();

    private static readonly ListenerLimits Small = new()
    {
        BodyBytes = 100,
        HeaderBytes = 512,
        HeaderCount = 8,
        RequestLineBytes = 64,
        Http2 = new Http2Limits { MaxStreams = 2, StreamWindowBytes = 64, ConnectionWindowBytes = 100, HeaderTableBytes = 64 },
    };

    public string Name => "http2-frames";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        // Frames as the list has them.
        "\u0001\u0005\u0001\u0000\u0004\u0082\u0086\u0084\u0001", "\u0001\u0004\u0003\u0000\u0008\u0083\u0086\u0084\u0041\u0001a\u005c\u0000", "\u0000\u0000\u0003\u0000\u0003abc", "\u0000\u0001\u0003\u0000\u0000",
        "\u0000\u0009\u0003\u0000\u0004\u0001ab\u0000", "\u0001\u0005\u0003\u0000\u0007\u0000\u0001x\u0001y\u0020\u0020", "\u0003\u0000\u0003\u0000\u0004\u0000\u0000\u0000\u0008", "\u0004\u0000\u0000\u0000\u0006\u0000\u0004\u0000\u0000\u0000\u0001",
        "\u0004\u0001\u0000\u0000\u0000", "\u0006\u0000\u0000\u0000\u0008pingping", "\u0008\u0000\u0000\u0000\u0004\u0000\u0000\u0001\u0000", "\u0008\u0000\u0003\u0000\u0004\u0000\u0000\u0000\u0001", "\u0009\u0004\u0003\u0000\u0000",
        "\u0002\u0000\u0005\u0000\u0005\u0000\u0000\u0000\u0003\u0010", "\u0007\u0000\u0000\u0000\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000", "\u0077\u0000\u0001\u0000\u0001x",

        // Fields.
        "\u0041\u0001a", "\u0000\u0007:method\u0007CONNECT", "\u0000\u0009:protocol\u0001x", "\u000f\u000d\u0001\u0033", "\u000f\u000d\u0002\u0031\u0030", "\u000f\u0011\u0003a=b", "\u000f\u0014\u000c\u0031\u0030\u0030-continue", "\u000f\u0017\u0001a",
        "\u00be", "\u00bf", "\u0040\u0001x\u0001y", "\u0000\u0002te\u0008trailers", "\u0000\u0001X\u0001y", "\u003f\u00e1\u001f", "\u0020",

        // Headers as they are.
        "\u0000\u0000\u0004\u0001\u0005\u0000\u0000\u0000\u0001\u0082\u0086\u0084\u0001", "\u0000\u0000\u0003\u0000\u0000\u0000\u0000\u0000\u0001abc", "\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000", "\u007f\u00ff\u00ff\u00ff",
    ];

    /// <summary>Of the first octet, bit 0 chooses the limits, bit 1 the form, the others the pieces.</summary>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var limits = (input[0] & 1) != 0 ? Small : Usual;
        var octets = (input[0] & 2) != 0 ? Frames(input[1..]) : input[1..].ToArray();

        // 1. Nothing is served before all is read: then the same comes of it, whatever the pieces are.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var whole = Http2Peer.Read(limits, octets, static left => left, servesAtOnce: false);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        BrokenInvariantException.Unless(allocated <= MostAllocated + ((long)MostAllocatedPerOctet * octets.Length), "a connection costs memory in proportion to what is read");
        var random = new Random(input[0]);
        var pieces = Http2Peer.Read(limits, octets, octets.Length < 1000 ? static _ => 1 : _ => random.Next(1, 64), servesAtOnce: false);

        // Where windows are small, what is left of them depends on the pieces.
        BrokenInvariantException.Unless(whole == pieces || limits == Small, $"pieces are read as the whole is:\n{whole}\nand\n{pieces}");

        // 2. As it is served in earnest.
        Http2Peer.Read(limits, octets, _ => random.Next(1, 200), servesAtOnce: true);
        Http2Peer.Read(limits, octets, static left => left, servesAtOnce: true);
    }

    /// <summary>Makes frames of a list, each with a header that is right.</summary>
    private static byte[] Frames(ReadOnlySpan<byte> list)
    {
        var frames = new List<byte> { 0, 0, 0, 4, 0, 0, 0, 0, 0 };
        Span<byte> header = stackalloc byte[9];
        while (list.Length >= 5)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(list[3..]), list.Length - 5);
            BinaryPrimitives.WriteInt32BigEndian(header, length << 8);
            header[3] = list[0];
            header[4] = list[1];
            BinaryPrimitives.WriteInt32BigEndian(header[5..], list[2]);
            frames.AddRange(header);
            frames.AddRange(list.Slice(5, length));
            list = list[(5 + length)..];
        }

        return [.. frames];
    }
}
