using System.Net;

namespace Portcullis.Gateway.Forwarding.Connecting;

/// <summary>
/// The operating system's resolver. <c>localhost</c> and the names below it are answered here, without asking anyone:
/// they are the loopback addresses, whatever a name server says (RFC 6761 §6.3).
/// </summary>
internal sealed class SystemHostResolver : IHostResolver
{
    public static readonly SystemHostResolver Instance = new();

    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
        => IsLocalhost(host)
            ? Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.IPv6Loopback])
            : Dns.GetHostAddressesAsync(host, cancellationToken);

    /// <summary>Whether the name is reserved for loopback by RFC 6761 §6.3.</summary>
    public static bool IsLocalhost(string host)
    {
        var name = host.AsSpan().TrimEnd('.');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }
}
