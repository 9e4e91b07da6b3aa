using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>The rules of the web application firewall, for all routes that have the waf policy.</summary>
public sealed record WafOptions
{
    [Description("Rules in SecLang, in this order: builtin, files, and patterns such as rules/*.conf; relative paths start at the configuration file. Default: builtin")]
    [RuleSource]
    public IReadOnlyList<string> Rules { get; init; } = [Portcullis.Waf.RuleSet.Builtin];

    [Description("What becomes of a request that the rules could not be applied to, as when a pattern ran out of time: block or pass. Default: block")]
    public WafFaultAction OnFault { get; init; }

    [Description("Whether bodies of responses are inspected where a route does not say. Default: false")]
    public bool InspectResponses { get; init; }

    [Description("Records requests, sealed, for waf replay. They hold all that clients sent, cookies too. Default: none are")]
    public WafRecordOptions? Record { get; init; }

    [Description("Most memory that all bodies under inspection take together; what comes beyond it is answered 503. Default: 256MiB")]
    [ByteSize]
    [Between("1MiB", "64GiB")]
    public long BodyMemory { get; init; } = 256 << 20;
}
