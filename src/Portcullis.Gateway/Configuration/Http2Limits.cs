using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Bounds of one HTTP/2 connection. A connection that floods past one is closed; its neighbours notice nothing.</summary>
public sealed record Http2Limits
{
    [Description("Streams open at once on a connection (SETTINGS_MAX_CONCURRENT_STREAMS).")]
    [Between(1, 100000)]
    public int MaxStreams { get; init; } = 100;

    [Description("Size of the table that compresses request header fields (SETTINGS_HEADER_TABLE_SIZE).")]
    [ByteSize]
    [Between("0B", "1MiB")]
    public long HeaderTableBytes { get; init; } = 4096;

    [Description("Largest frame accepted, 16KiB to 16MiB (SETTINGS_MAX_FRAME_SIZE).")]
    [ByteSize]
    [Between("16KiB", "16777215B")]
    public long FrameBytes { get; init; } = 16 * 1024;

    [Description("Request body bytes in flight on a connection before the gateway has taken them.")]
    [ByteSize]
    [Between("64KiB", "1GiB")]
    public long ConnectionWindowBytes { get; init; } = 1024 * 1024;

    [Description("Request body bytes in flight on a stream before the gateway has taken them.")]
    [ByteSize]
    [Between("64KiB", "1GiB")]
    public long StreamWindowBytes { get; init; } = 768 * 1024;

    [Description("Streams that a client may reset within ten seconds, beyond one for every four it lets finish.")]
    [Between(1, 1000000)]
    public int Resets { get; init; } = 300;

    [Description("SETTINGS, PING, PRIORITY and unknown frames that a client may send within ten seconds, beyond what its traffic earns.")]
    [Between(1, 1000000)]
    public int ControlFrames { get; init; } = 1000;

    [Description("Empty DATA and CONTINUATION frames that a client may send within ten seconds.")]
    [Between(1, 1000000)]
    public int EmptyFrames { get; init; } = 500;
}
