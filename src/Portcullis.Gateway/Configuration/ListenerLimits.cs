using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Bounds that hold before a request reaches its route. A change is taken over without closing a connection: new connections get the new
/// values, and open ones get those that are read for each request.
/// </summary>
public sealed record ListenerLimits
{
    [Description("Connections open at once on the listener; a further one is closed at once.")]
    [Between(1, 10000000)]
    public int Connections { get; init; } = 20_000;

    [Description("Connections open at once from one IPv4 address or IPv6 /64; trusted proxies are exempt.")]
    [Between(1, 10000000)]
    public int ConnectionsPerAddress { get; init; } = 200;

    [Description("Longest time from the first byte of a request to the end of its header fields.")]
    [Between("100ms", "10m")]
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    [Description("Longest time that a connection may stay idle between requests.")]
    [Between("1s", "24h")]
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(75);

    [Description("Lowest rate in bytes per second at which a request body must arrive, after five seconds; 0 turns the check off.")]
    [ByteRate]
    public long MinimumBodyRate { get; init; } = 240;

    [Description("Lowest rate in bytes per second at which a client must take a response, after five seconds; 0 turns the check off.")]
    [ByteRate]
    public long MinimumResponseRate { get; init; } = 240;

    [Description("Longest request line, or target of an HTTP/2 request.")]
    [ByteSize]
    [Between("256B", "1MiB")]
    public long RequestLineBytes { get; init; } = 8 * 1024;

    [Description("Largest size of all header fields of a request together.")]
    [ByteSize]
    [Between("1KiB", "16MiB")]
    public long HeaderBytes { get; init; } = 32 * 1024;

    [Description("Most header fields of a request.")]
    [Between(8, 10000)]
    public int HeaderCount { get; init; } = 100;

    [Description("Largest request body, on every route of the listener; the token endpoint takes 16KiB at most.")]
    [ByteSize]
    public long BodyBytes { get; init; } = 10 * 1024 * 1024;

    [Description("Bounds of an HTTP/2 connection.")]
    public Http2Limits Http2 { get; init; } = new();
}
