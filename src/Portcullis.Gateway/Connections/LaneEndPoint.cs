using System.Net;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections;

/// <summary>The name under which Kestrel asks <see cref="GateListenerFactory"/> for a lane; no address that anything could bind.</summary>
internal sealed class LaneEndPoint(string listener, HttpVersionName? version) : EndPoint
{
    public override string ToString() => version is null ? listener : $"{listener} ({version})";
}
