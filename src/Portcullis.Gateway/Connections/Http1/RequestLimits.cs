using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>How large the head of a request may be.</summary>
/// <param name="RequestLineOctets">Without its CRLF.</param>
/// <param name="HeaderOctets">All field lines together, each with its CRLF.</param>
/// <param name="HeaderCount">Field lines.</param>
internal readonly record struct RequestLimits(int RequestLineOctets, int HeaderOctets, int HeaderCount)
{
    /// <summary>Most octets of a head.</summary>
    public int Most => RequestLineOctets + HeaderOctets + 16;

    public static RequestLimits Of(ListenerLimits limits)
        => new((int)Math.Min(limits.RequestLineBytes, int.MaxValue / 4), (int)Math.Min(limits.HeaderBytes, int.MaxValue / 4), limits.HeaderCount);
}
