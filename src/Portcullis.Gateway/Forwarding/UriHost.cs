namespace Portcullis.Gateway.Forwarding;

/// <summary>Hosts as URIs write them.</summary>
internal static class UriHost
{
    /// <summary>The host with brackets where it is an IPv6 address (RFC 3986 §3.2.2).</summary>
    public static string ToUriHost(this string host) => host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? "[" + host + "]" : host;
}
