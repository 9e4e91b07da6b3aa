using System.Runtime.CompilerServices;

namespace Portcullis.Gateway.Scheduling;

/// <summary>
/// Goes on from a thread of the pool. Requests run on the few threads that serve all sockets (<see cref="SocketThreads"/>): work that takes
/// long, such as a signature by a private key, waits its turn in the pool, so that other connections are served meanwhile.
/// </summary>
internal static class PoolTurn
{
    /// <summary>
    /// Most octets that a copy moves before it takes a turn, in which others on its thread are served: at the speed of a loopback well under
    /// a millisecond. Without it, an upstream and a client that are both faster than the copy would keep the thread to themselves.
    /// </summary>
    public const int CopyLimit = 1024 * 1024;

    /// <summary>To be awaited.</summary>
    public static ConfiguredTaskAwaitable TakeAsync() => Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
}
