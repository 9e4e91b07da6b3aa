using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections;

/// <summary>Carries a listener's limits over to Kestrel's, which it reads for each connection or request: safe to call on a running server.</summary>
internal static class KestrelLimits
{
    /// <summary>Kestrel's own default.</summary>
    private const long UsualBuffer = 1024 * 1024;

    private static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    public static void Apply(ListenerLimits from, KestrelServerLimits to)
    {
        to.KeepAliveTimeout = from.KeepAliveTimeout;
        to.RequestHeadersTimeout = from.HeaderTimeout;
        to.MaxRequestHeadersTotalSize = ToInt(from.HeaderBytes);
        to.MaxRequestHeaderCount = from.HeaderCount;
        to.MaxRequestLineSize = ToInt(from.RequestLineBytes);
        to.MaxRequestBodySize = from.BodyBytes;

        // Kestrel does not start with a buffer that is smaller than what it must hold. It holds no more than has come, whatever the bound.
        to.MaxRequestBufferSize = Math.Max(UsualBuffer, Math.Max(from.HeaderBytes, from.RequestLineBytes));

        // The gate counts connections, before they cost anything.
        to.MaxConcurrentConnections = null;
        to.MaxConcurrentUpgradedConnections = null;
        to.MinRequestBodyDataRate = Rate(from.MinimumBodyRate);
        to.MinResponseDataRate = Rate(from.MinimumResponseRate);

        var http2 = to.Http2;
        http2.MaxStreamsPerConnection = from.Http2.MaxStreams;
        http2.HeaderTableSize = ToInt(from.Http2.HeaderTableBytes);
        http2.MaxFrameSize = ToInt(from.Http2.FrameBytes);
        http2.MaxRequestHeaderFieldSize = ToInt(from.HeaderBytes);
        http2.InitialConnectionWindowSize = ToInt(from.Http2.ConnectionWindowBytes);
        http2.InitialStreamWindowSize = ToInt(from.Http2.StreamWindowBytes);
    }

    private static MinDataRate? Rate(long bytesPerSecond) => bytesPerSecond == 0 ? null : new MinDataRate(bytesPerSecond, RateGrace);

    private static int ToInt(long value) => (int)Math.Min(value, int.MaxValue);
}
