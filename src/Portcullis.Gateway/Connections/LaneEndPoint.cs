using System.Net;

namespace Portcullis.Gateway.Connections;

/// <summary>The name under which Kestrel asks <see cref="GateListenerFactory"/> for the lane; no address that anything could bind.</summary>
internal sealed class LaneEndPoint(string listener) : EndPoint
{
    public override string ToString() => listener;
}
