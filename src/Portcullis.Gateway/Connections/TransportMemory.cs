using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// Has the connections that the gate makes take their memory from a pool of choice. The option is there in .NET 10, but internal; without it
/// they use the framework's shared pool, which allocates when there are many of them.
/// </summary>
internal static class TransportMemory
{
    /// <returns>False when this version of the server has no such option: all works, but costs more memory. A test tells.</returns>
    public static bool TryUse(SocketConnectionFactoryOptions options, IMemoryPoolFactory<byte> pools)
    {
        try
        {
            SetMemoryPoolFactory(options, pools);
            return true;
        }
        catch (MissingMethodException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_MemoryPoolFactory")]
    private static extern void SetMemoryPoolFactory(SocketConnectionFactoryOptions options, IMemoryPoolFactory<byte> pools);
}
