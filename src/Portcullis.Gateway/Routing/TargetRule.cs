namespace Portcullis.Gateway.Routing;

/// <summary>The rule that a refused request target or host breaks. Each has one row in <c>docs/configuration/routing.md</c>.</summary>
public enum TargetRule
{
    /// <summary>Nothing was broken.</summary>
    None,

    /// <summary>The target is empty or in none of the accepted forms.</summary>
    Form,

    /// <summary>CONNECT asks for a tunnel, which this gateway never gives.</summary>
    Connect,

    /// <summary><c>*</c> with another method than OPTIONS.</summary>
    Asterisk,

    /// <summary>An absolute-form target with another scheme than http or https.</summary>
    Scheme,

    /// <summary>An absolute-form target with user information.</summary>
    UserInformation,

    /// <summary>An absolute-form target whose authority is malformed or differs from Host.</summary>
    Authority,

    /// <summary>The path is longer than the limit.</summary>
    PathLength,

    /// <summary>The query is longer than the limit.</summary>
    QueryLength,

    /// <summary>A control character, space, DEL or an octet of 0x80 and above, sent raw.</summary>
    RawOctet,

    /// <summary><c>#</c>: a fragment is never sent.</summary>
    Fragment,

    /// <summary><c>"</c>, <c>&lt;</c> or <c>&gt;</c> in the path.</summary>
    Delimiter,

    /// <summary>A backslash in the path, raw or encoded, which some servers read as a slash.</summary>
    Backslash,

    /// <summary>A <c>%</c> without two hexadecimal digits in the path.</summary>
    Escape,

    /// <summary>An encoded control character (C0, DEL or C1) in the path.</summary>
    EncodedControl,

    /// <summary><c>%2F</c> in the path.</summary>
    EncodedSlash,

    /// <summary>Encoded octets that are not UTF-8 in its shortest form (but FE and FF, which no UTF-8 has, are kept), or encode a surrogate or noncharacter.</summary>
    Encoding,

    /// <summary>A <c>.</c> or <c>..</c> segment, also encoded or followed by a path parameter.</summary>
    DotSegment,

    /// <summary>The request has no Host, or an empty one.</summary>
    HostMissing,

    /// <summary>The request has several Hosts.</summary>
    HostRepeated,

    /// <summary>Host is no name, IPv4 or IPv6 address with an optional port.</summary>
    HostMalformed,

    /// <summary>The port of Host is not between 1 and 65535.</summary>
    HostPort,
}
