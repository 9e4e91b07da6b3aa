using System.Net;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Addresses;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// What a listener's options say about connections and who sends requests over them, compiled. Immutable: a reload swaps the whole.
/// </summary>
public sealed class ConnectionRules
{
    public ConnectionRules(string listener, ListenerOptions options)
    {
        Listener = listener;
        Options = options;
        Firewall = new Firewall(options.Firewall);
        TrustedProxies = new CidrSet(options.TrustedProxies);
        StrictTransportSecurity = options.StrictTransportSecurity is { } strict ? new PresetField(HeaderNames.StrictTransportSecurity, strict) : null;
        SpeaksHttp1 = options.Protocols.Contains(HttpVersionName.Http1);
        SpeaksHttp2 = options.Protocols.Contains(HttpVersionName.Http2);
    }

    /// <summary>The listener's key in the configuration.</summary>
    public string Listener { get; }

    public ListenerOptions Options { get; }

    public Firewall Firewall { get; }

    public CidrSet TrustedProxies { get; }

    /// <summary>Whether a proxy or client of this address may send requests. Proxies are trusted to say whom they send them for, who is judged then.</summary>
    public bool Admits(IPAddress address) => TrustedProxies.Contains(address) || Firewall.Admits(address);

    /// <summary>The field for answers over https that have none.</summary>
    internal PresetField? StrictTransportSecurity { get; }

    internal bool SpeaksHttp1 { get; }

    internal bool SpeaksHttp2 { get; }
}
