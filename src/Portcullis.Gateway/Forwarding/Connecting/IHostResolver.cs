using System.Net;

namespace Portcullis.Gateway.Forwarding.Connecting;

/// <summary>Turns host names into addresses. Replaced in tests; <see cref="SystemHostResolver"/> otherwise.</summary>
internal interface IHostResolver
{
    /// <summary>
    /// All addresses of a name, in the order of preference.
    /// Throws <see cref="System.Net.Sockets.SocketException"/> when the name does not resolve.
    /// </summary>
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}
