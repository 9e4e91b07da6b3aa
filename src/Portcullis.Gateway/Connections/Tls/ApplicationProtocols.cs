using System.Net.Security;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>The protocols of a listener for ALPN (RFC 7301), in order of preference: HTTP/2 first.</summary>
internal sealed class ApplicationProtocols(ListenerOptions options)
{
    public IReadOnlyList<SslApplicationProtocol> All { get; } =
    [
        .. options.Protocols.Contains(HttpVersionName.Http2) ? [SslApplicationProtocol.Http2] : Array.Empty<SslApplicationProtocol>(),
        .. options.Protocols.Contains(HttpVersionName.Http1) ? [SslApplicationProtocol.Http11] : Array.Empty<SslApplicationProtocol>(),
    ];

    /// <summary>What the name stands for; the default value for none.</summary>
    public static SslApplicationProtocol Known(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span)) return SslApplicationProtocol.Http2;
        return name.SequenceEqual(SslApplicationProtocol.Http11.Protocol.Span) ? SslApplicationProtocol.Http11 : default;
    }

    /// <summary>Where the best is in a client's list: names with an octet of length before each.</summary>
    /// <returns>-1 where none is.</returns>
    public int Choose(ReadOnlySpan<byte> offered, out int length)
    {
        foreach (var protocol in All)
        {
            var name = protocol.Protocol.Span;
            for (var at = 0; at < offered.Length; at += length + 1)
            {
                length = offered[at];
                if (length > offered.Length - at - 1) break;
                if (offered.Slice(at + 1, length).SequenceEqual(name)) return at + 1;
            }
        }

        length = 0;
        return -1;
    }
}
