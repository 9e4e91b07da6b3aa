namespace Portcullis.Gateway.Scheduling;

/// <summary>
/// Has connections accepted, and what else uses the framework's sockets, on the thread that heard of them instead of the thread pool. Requests
/// run on <see cref="EventLoops.EventLoop"/>s, which need no such setting.
/// </summary>
public static class SocketThreads
{
    private const string Setting = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Must come before the process opens its first socket: the runtime reads the setting once. Where the variable is set already, it stays
    /// as it is, so that <c>0</c> turns this off.
    /// </summary>
    public static void Use()
    {
        if (Environment.GetEnvironmentVariable(Setting) is null) Environment.SetEnvironmentVariable(Setting, "1");
    }
}
