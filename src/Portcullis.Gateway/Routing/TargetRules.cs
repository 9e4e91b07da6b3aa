namespace Portcullis.Gateway.Routing;

/// <summary>What a broken <see cref="TargetRule"/> is called in refusals and in the audit record.</summary>
internal static class TargetRules
{
    /// <summary>One sentence that names the rule. It never repeats what the client sent.</summary>
    public static string Text(this TargetRule rule) => rule switch
    {
        TargetRule.None => "The target breaks no rule.",
        TargetRule.Form => "The target must begin with a slash.",
        TargetRule.Connect => "CONNECT is not served.",
        TargetRule.Asterisk => "The target * needs the method OPTIONS.",
        TargetRule.Scheme => "An absolute target needs the scheme http or https.",
        TargetRule.UserInformation => "A target with user information is refused.",
        TargetRule.Authority => "The authority of an absolute target must equal Host.",
        TargetRule.PathLength => "The path is too long.",
        TargetRule.QueryLength => "The query is too long.",
        TargetRule.RawOctet => "Control characters, spaces and octets outside ASCII must be percent-encoded.",
        TargetRule.Fragment => "A target has no fragment.",
        TargetRule.Delimiter => "The characters \" < > must be percent-encoded in a path.",
        TargetRule.Backslash => "A path has no backslash, encoded or not.",
        TargetRule.Escape => "A percent sign in a path needs two hexadecimal digits.",
        TargetRule.EncodedControl => "A path has no encoded control characters.",
        TargetRule.EncodedSlash => "A path has no encoded slash.",
        TargetRule.Encoding => "Encoded octets in a path must be valid UTF-8.",
        TargetRule.DotSegment => "A path has no dot segments.",
        TargetRule.HostMissing => "The request has no Host.",
        TargetRule.HostRepeated => "The request has more than one Host.",
        TargetRule.HostMalformed => "Host must be a name or an address with an optional port.",
        TargetRule.HostPort => "The port of Host must be between 1 and 65535.",
        _ => "The target is malformed.",
    };

    /// <summary>Whether the answer is 414 <c>request.too_large</c> (RFC 9110 section 15.5.15) instead of 400 <c>request.malformed</c>.</summary>
    public static bool IsTooLong(this TargetRule rule) => rule is TargetRule.PathLength or TargetRule.QueryLength;
}
