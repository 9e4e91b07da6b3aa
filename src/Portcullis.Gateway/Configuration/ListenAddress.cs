using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Where a listener listens: <c>0.0.0.0:8443</c> (all IPv4), <c>[::1]:8443</c>, <c>*:8443</c> or <c>[::]:8443</c> (all addresses of both
/// families). Port 0 takes a free port.
/// </summary>
public readonly record struct ListenAddress : IParsable<ListenAddress>
{
    private readonly IPEndPoint? endPoint;

    public ListenAddress(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        this.endPoint = endPoint;
    }

    /// <summary>Address and port. <c>default</c> is the loopback address and port 0: reachable by nobody else.</summary>
    public IPEndPoint EndPoint => endPoint ?? new IPEndPoint(IPAddress.Loopback, 0);

    /// <summary>Whether one socket serves both families: <c>*</c> and <c>[::]</c>.</summary>
    public bool IsDualMode => EndPoint.Address.Equals(IPAddress.IPv6Any);

    public static ListenAddress Parse(string s, IFormatProvider? provider)
        => TryParse(s, out var address, out var error) ? address : throw new FormatException(error);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ListenAddress result) => TryParse(s, out result, out _);

    /// <summary>Parses an address and port; host names are refused, since what they resolve to can change.</summary>
    public static bool TryParse(string? text, out ListenAddress result, [NotNullWhen(false)] out string? error)
    {
        result = default;
        error = "expected ADDRESS:PORT such as 0.0.0.0:8443, [::1]:8443 or *:8443";
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0) return false;

        var portText = text.AsSpan(colon + 1);
        if (!ushort.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            error = "the port must be a number from 0 to 65535";
            return false;
        }

        var host = text.AsSpan(0, colon);
        IPAddress? address;
        if (host is "*") address = IPAddress.IPv6Any;
        else if (host is "localhost")
        {
            error = "write 127.0.0.1 or [::1]: a listener takes addresses, not names";
            return false;
        }
        else if (host[0] == '[')
        {
            if (host[^1] != ']' || !Cidr.TryParseAddress(host[1..^1], out address) || address.AddressFamily != AddressFamily.InterNetworkV6) return false;
        }
        else if (!Cidr.TryParseAddress(host, out address) || address.AddressFamily != AddressFamily.InterNetwork) return false;

        result = new ListenAddress(new IPEndPoint(address, port));
        error = null;
        return true;
    }

    public override string ToString() => EndPoint.ToString();
}
