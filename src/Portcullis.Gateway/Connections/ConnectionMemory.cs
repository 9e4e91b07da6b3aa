using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace Portcullis.Gateway.Connections;

/// <summary>The pool that Kestrel takes the buffers of a connection from.</summary>
internal sealed class ConnectionMemory(MemoryPool<byte> pool) : IMemoryPoolFeature
{
    public MemoryPool<byte> MemoryPool => pool;
}
