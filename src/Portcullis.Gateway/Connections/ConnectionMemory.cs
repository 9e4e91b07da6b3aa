using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// The pool that a server's connections take their buffers from. Connections that are accepted here and not by Kestrel's own
/// transport come with the framework's shared pool, which gives an empty buffer where no size is asked for.
/// </summary>
internal sealed class ConnectionMemory(MemoryPool<byte> pool) : IMemoryPoolFeature
{
    public MemoryPool<byte> MemoryPool => pool;
}
