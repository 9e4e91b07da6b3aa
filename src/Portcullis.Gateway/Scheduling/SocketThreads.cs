namespace Portcullis.Gateway.Scheduling;

/// <summary>
/// Has requests run on the thread that took their octets from the kernel, from the client's socket to the upstream's and back. Handing each
/// step to the thread pool costs more than all the rest of a plain request (see RATIONALE.md). What is long takes a
/// <see cref="PoolTurn"/>; nothing may block.
/// </summary>
public static class SocketThreads
{
    private const string Setting = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Must come before the process opens its first socket: the runtime reads the setting once. Where the variable is set already, it stays
    /// as it is, so that <c>0</c> turns this off. The server's own half is set by each <see cref="Connections.Listener"/>.
    /// </summary>
    public static void Use()
    {
        if (Environment.GetEnvironmentVariable(Setting) is null) Environment.SetEnvironmentVariable(Setting, "1");
    }
}
