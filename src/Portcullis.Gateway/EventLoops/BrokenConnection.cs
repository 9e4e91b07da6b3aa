using System.Net.Sockets;
using System.Security.Authentication;

namespace Portcullis.Gateway.EventLoops;

/// <summary>Knows a connection that is at its end by what it throws.</summary>
internal static class BrokenConnection
{
    /// <summary>Whether an exception says so, in the forms that sockets and TLS streams throw.</summary>
    public static bool Is(Exception e) => e is SocketException or IOException or ObjectDisposedException or OperationCanceledException or AuthenticationException;
}
