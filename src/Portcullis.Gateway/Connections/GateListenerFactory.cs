using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Portcullis.Gateway.Connections;

/// <summary>Gives Kestrel the lane of a gate instead of sockets of its own.</summary>
internal sealed class GateListenerFactory(ConnectionGate gate) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is LaneEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        => new(gate.Lane);
}
