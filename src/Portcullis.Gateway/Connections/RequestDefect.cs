namespace Portcullis.Gateway.Connections;

/// <summary>Why the head or the trailers of a request are refused. One instance for each reason, so finding one allocates nothing.</summary>
/// <param name="Status">400, 414, 417, 431, 501 or 505.</param>
/// <param name="Cause">For logs: quotes nothing of the request.</param>
public sealed record RequestDefect(int Status, string Cause)
{
    internal static readonly RequestDefect FieldName = new(400, "a field name is not a token (RFC 9110 §5.1)");
    internal static readonly RequestDefect FieldValue = new(400, "a field value has a control character (RFC 9110 §5.5)");
    internal static readonly RequestDefect FieldSpace = new(400, "a field value starts or ends with white space (RFC 9113 §8.2.1)");
    internal static readonly RequestDefect Target = new(400, "the target holds what no target may (RFC 9112 §3.2)");
    internal static readonly RequestDefect Version = new(505, "the version is neither HTTP/1.1 nor HTTP/1.0");
    internal static readonly RequestDefect NoVersion = new(400, "a request of HTTP/0.9, which states no version (RFC 1945 §5.1)");
    internal static readonly RequestDefect NoSuchVersion = new(400, "the version is none of HTTP's (RFC 9112 §2.3)");
    internal static readonly RequestDefect NoHost = new(400, "Host is missing or empty (RFC 9112 §3.2)");
    internal static readonly RequestDefect TwoHosts = new(400, "Host is given more than once (RFC 9112 §3.2)");
    internal static readonly RequestDefect Host = new(400, "Host holds what no host does (RFC 9110 §7.2)");
    internal static readonly RequestDefect TwoFramings = new(400, "both Transfer-Encoding and Content-Length are given (RFC 9112 §6.1)");
    internal static readonly RequestDefect FramingBeforeHttp11 = new(400, "Transfer-Encoding in an HTTP/1.0 request (RFC 9112 §6.1)");
    internal static readonly RequestDefect NoLengthBeforeHttp11 = new(400, "an HTTP/1.0 request that must have content states no length (RFC 1945 §8.3)");
    internal static readonly RequestDefect Coding = new(501, "a transfer coding other than chunked (RFC 9112 §6.1)");
    internal static readonly RequestDefect Codings = new(400, "Transfer-Encoding is not exactly chunked (RFC 9112 §6.1)");
    internal static readonly RequestDefect ConnectionSpecific = new(400, "a connection-specific field in HTTP/2 (RFC 9113 §8.2.2)");
    internal static readonly RequestDefect Te = new(400, "TE other than trailers in HTTP/2 (RFC 9113 §8.2.2)");
    internal static readonly RequestDefect PseudoField = new(400, "a pseudo-field is missing, twice there, late, or none of a request (RFC 9113 §8.3)");
    internal static readonly RequestDefect Method = new(400, "the method is not a token (RFC 9110 §9.1)");
    internal static readonly RequestDefect Scheme = new(400, "the scheme is not the connection's (RFC 9113 §8.3.1)");
    internal static readonly RequestDefect HostBesideAuthority = new(400, "Host differs from :authority (RFC 9113 §8.3.1)");
    internal static readonly RequestDefect Length = new(400, "Content-Length is not one number (RFC 9110 §8.6)");
    internal static readonly RequestDefect LengthWithoutContent = new(400, "the content ended before its stated length (RFC 9113 §8.1.1)");
    internal static readonly RequestDefect SelfDependency = new(400, "a stream depends on itself (RFC 7540 §5.3.1)");
    internal static readonly RequestDefect TrailersWithoutEnd = new(400, "fields behind the content do not end the stream (RFC 9113 §8.1)");
    internal static readonly RequestDefect TargetTooLong = new(414, "the target is longer than the limit");
    internal static readonly RequestDefect TooLarge = new(431, "the fields are larger than the limit");
    internal static readonly RequestDefect TooMany = new(431, "there are more fields than the limit");
    internal static readonly RequestDefect Expectation = new(417, "an expectation other than 100-continue (RFC 9110 §10.1.1)");
    internal static readonly RequestDefect ConnectionOption = new(400, "Connection holds something that is no token (RFC 9110 §7.6.1)");
    internal static readonly RequestDefect ConnectionNamesEndToEnd = new(400, "Connection names a field that is not hop-by-hop (RFC 9110 §7.6.1)");
    internal static readonly RequestDefect ConnectionOptions = new(400, "Connection names more fields than anybody needs");
    internal static readonly RequestDefect TrailerName = new(400, "a trailer field that may only stand in the head (RFC 9110 §6.5.1)");
}
