using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Connections;

namespace Portcullis.Gateway.Tests.Connections;

public sealed class TransportMemoryTests
{
    /// <summary>When this fails after an update of the runtime, look for the option's new form.</summary>
    [Fact]
    public void The_server_still_lets_its_connections_memory_be_chosen()
    {
        var options = new SocketConnectionFactoryOptions();
        var pools = new BlockPools();
        Assert.True(TransportMemory.TryUse(options, pools));
        Assert.Same(pools, MemoryPoolFactory(options));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_MemoryPoolFactory")]
    private static extern IMemoryPoolFactory<byte> MemoryPoolFactory(SocketConnectionFactoryOptions options);
}
