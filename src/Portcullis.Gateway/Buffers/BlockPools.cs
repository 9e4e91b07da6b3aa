using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Portcullis.Gateway.Buffers;

/// <summary>Gives the server's transport the pool of large blocks.</summary>
internal sealed class BlockPools : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => BlockPool.Large;
}
