using System.Globalization;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Cors;

/// <summary>Whether a request comes from a page of the very origin it goes to: browsers name that origin too, on all but safe methods.</summary>
internal static class OwnOrigin
{
    public static bool Is(Exchange exchange, ReadOnlySpan<char> origin)
    {
        // Only browsers need to be believed here, and no page can change this field in one (Fetch Metadata §2.3). It also knows
        // of documents whose origin is sent as null for the sake of their referrer policy.
        var site = exchange.RequestHeaders["Sec-Fetch-Site"];
        return site.Count > 0 ? site is ["same-origin"] or ["none"] : Names(exchange, origin);
    }

    /// <summary>Whether the text is the origin that the request goes to (RFC 6454 §6.2).</summary>
    public static bool Names(Exchange exchange, ReadOnlySpan<char> origin)
    {
        var scheme = exchange.Scheme;
        if (origin.Length <= scheme.Length + 3 || !origin.StartsWith(scheme) || !origin[scheme.Length..].StartsWith("://")) return false;

        // The host is compared in its normal form, the port with the scheme's default filled in.
        var authority = origin[(scheme.Length + 3)..];
        var name = exchange.Host.Name;
        if (name.IsEmpty || !authority.StartsWith(name)) return false;
        var port = authority[name.Length..];
        var usual = scheme == "https" ? 443 : 80;
        var own = exchange.Host.Port == 0 ? usual : exchange.Host.Port;
        if (port.IsEmpty) return own == usual;
        return port[0] == ':' && int.TryParse(port[1..], NumberStyles.None, provider: null, out var sent) && sent == own;
    }
}
