using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// The pool that a server takes the buffers of its connections from. Where the transport has another, as after an update of the server that
/// took the option away (<see cref="TransportMemory"/>), that is the framework's shared pool, which gives an empty buffer where no size is
/// asked for.
/// </summary>
internal sealed class ConnectionMemory(MemoryPool<byte> pool) : IMemoryPoolFeature
{
    public MemoryPool<byte> MemoryPool => pool;
}
