using System.Net;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding.Connecting;

/// <summary>
/// Which addresses a destination's name may resolve to (OWASP SSRF prevention; RFC 6890). A destination written as an IP
/// address is not checked: the operator wrote it. Immutable.
/// </summary>
/// <remarks>
/// In this order: a network of <c>deny</c> refuses; a network of <c>allow</c> permits; the default denials refuse; where
/// <c>allow</c> names networks, all else is refused; what remains is permitted. An IPv6 address that carries an IPv4 one
/// (mapped, NAT64, 6to4, Teredo, ISATAP) is refused where either of the two is. Loopback is among the default denials unless
/// the name is <c>localhost</c> (RFC 6761 §6.3): else whoever controls a destination's DNS record reaches services that
/// trust the machine itself.
/// </remarks>
internal sealed class AddressRules
{
    private static readonly CidrSet NeverByName = new(
    [
        Cidr.Parse("0.0.0.0/8", null),          // "this network", RFC 1122 §3.2.1.3; Linux takes 0.0.0.0 for loopback
        Cidr.Parse("::/128", null),             // unspecified, RFC 4291 §2.5.2
        Cidr.Parse("169.254.0.0/16", null),     // link-local, RFC 3927; 169.254.169.254 is the metadata service of most clouds
        Cidr.Parse("fe80::/10", null),          // link-local, RFC 4291 §2.5.6
        Cidr.Parse("224.0.0.0/4", null),        // multicast, RFC 5771
        Cidr.Parse("ff00::/8", null),           // multicast, RFC 4291 §2.7
        Cidr.Parse("255.255.255.255/32", null), // limited broadcast, RFC 919 §7
        Cidr.Parse("fd00:ec2::/32", null),      // metadata and pod identity: AWS
        Cidr.Parse("fd00:42::42/128", null),    // metadata: Scaleway
        Cidr.Parse("fd20:ce::254/128", null),   // metadata: Google Cloud
        Cidr.Parse("100.100.100.200/32", null), // metadata: Alibaba Cloud
        Cidr.Parse("168.63.129.16/32", null),   // platform service: Azure
        Cidr.Parse("192.0.0.192/32", null),     // metadata: Oracle Cloud
    ]);

    private static readonly CidrSet Loopback = new([Cidr.Parse("127.0.0.0/8", null), Cidr.Parse("::1/128", null)]);

    private readonly CidrSet allow;
    private readonly CidrSet deny;

    public AddressRules(NetworkOptions options)
    {
        allow = new CidrSet(options.Allow);
        deny = new CidrSet(options.Deny);
    }

    /// <summary>Whether a connection may be opened to an address that <paramref name="host"/> resolved to.</summary>
    public bool Permits(string host, IPAddress address)
    {
        var carries = EmbeddedAddress.TryExtract(address, out var embedded);
        if (deny.Contains(address) || (carries && deny.Contains(embedded))) return false;
        if (!Permits(host, address, out var isAllowed)) return false;
        return (!carries || Permits(host, embedded, out _)) && (isAllowed || allow.IsEmpty);
    }

    private bool Permits(string host, IPAddress address, out bool isAllowed)
    {
        isAllowed = allow.Contains(address);
        return isAllowed || !(NeverByName.Contains(address) || (Loopback.Contains(address) && !SystemHostResolver.IsLocalhost(host)));
    }
}
