using Portcullis.Gateway.Connections.Addresses;
using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of listeners and of the admin listener mean.</summary>
internal static class ListenerMeaning
{
    public static IEnumerable<SecurityRule> Rules =>
    [
        new("listeners.*", change => change switch
        {
            { New: OptionMap added, IsAdded: true } => IsPublic(added["address"])
                ? Weakens($"{Subject(change)} added: reachable by other machines at {Text(added["address"])}{(added["tls"] is null ? ", without TLS" : string.Empty)}")
                : Neutral($"{Subject(change)} added at {Text(added["address"])}"),
            { Old: OptionMap removed, IsRemoved: true } => Strengthens($"{Subject(change)} removed; it listened at {Text(removed["address"])}"),
            _ => null,
        }),
        Address("listeners.*.address"),
        Address("admin.address"),
        new("admin.enabled", change => By(change.NewPlain == "true", $"the admin listener is turned {(change.NewPlain == "true" ? "on" : "off")}")),
        new("listeners.*.tls", change => change.IsRemoved
            ? Weakens($"{Subject(change)} no longer uses TLS: everything on it can be read and changed on the way")
            : change.IsAdded ? Strengthens($"{Subject(change)} now uses TLS") : null),
        .. Tls("listeners.*.tls"),
        .. Tls("admin.tls"),
        Grants("admin.allow", "allowed network"),
        Grants("listeners.*.protocols", "protocol"),
        Grants("listeners.*.trustedProxies", "trusted proxy"),
        Scale("listeners.*.proxyProtocol", "the PROXY protocol", "optional", "none", "required"),
        Scale("listeners.*.encodedSlashes", "encoded slashes in paths", "keep", "refuse"),
        new("listeners.*.strictTransportSecurity", change => change.IsRemoved
            ? Weakens($"{Subject(change)} no longer tells browsers to keep to https")
            : change.IsAdded ? Strengthens($"{Subject(change)} tells browsers to keep to https") : null),
        .. Firewall("listeners.*.firewall"),
        Limit("listeners.*.limits.connections", "connections"),
        Limit("listeners.*.limits.connectionsPerAddress", "connections from one address"),
        Limit("listeners.*.limits.headerTimeout", "time for header fields"),
        Limit("listeners.*.limits.keepAliveTimeout", "time that a connection may idle"),
        Floor("listeners.*.limits.minimumBodyRate", "lowest rate of a request body"),
        Floor("listeners.*.limits.minimumResponseRate", "lowest rate of a response"),
        Limit("listeners.*.limits.requestLineBytes", "longest request line"),
        Limit("listeners.*.limits.headerBytes", "size of header fields"),
        Limit("listeners.*.limits.headerCount", "count of header fields"),
        Limit("listeners.*.limits.bodyBytes", "size of a request body"),
        new("listeners.*.limits.http2.*", change => Limit("*.*.*.*.*", $"HTTP/2 {change.Segments[^1]}").Judge(change)),
    ];

    /// <summary>Address rules, of listeners and routes alike.</summary>
    public static IEnumerable<SecurityRule> Firewall(string pattern) =>
    [
        Scale(pattern + ".default", "the firewall's default", "allow", "deny"),
        Grants(pattern + ".allow", "allowed network"),
        Denies(pattern + ".deny", "denied network"),
    ];

    private static IEnumerable<SecurityRule> Tls(string pattern) =>
    [
        Scale(pattern + ".minimumVersion", "lowest TLS version", "1.2", "1.3"),
        Scale(pattern + ".clientCertificate", "client certificates", "none", "optional", "required"),
        new(pattern + ".clientCa", change => Unclear($"{Subject(change)} takes client certificates of other authorities: {change.OldText ?? "none"} before, {change.NewText ?? "none"} now")),
        new(pattern + ".certificate", change => Neutral($"{Subject(change)} shows another certificate: {change.NewText ?? "a development certificate"}")),
        Limit(pattern + ".handshakeTimeout", "time for a TLS handshake"),
    ];

    private static SecurityRule Address(string pattern) => new(pattern, change =>
    {
        var summary = $"{Subject(change)} listens at {change.NewText} instead of {change.OldText}";
        return IsPublic(change.Old) == IsPublic(change.New) ? Neutral(summary)
            : IsPublic(change.New) ? Weakens(summary + ": other machines can reach it") : Strengthens(summary + ": only this machine can reach it");
    });

    private static bool IsPublic(OptionNode? address) => address is OptionValue { Value: ListenAddress listen } && !System.Net.IPAddress.IsLoopback(listen.EndPoint.Address);

    private static string Text(OptionNode? node) => (node as OptionValue)?.Text ?? "?";
}
