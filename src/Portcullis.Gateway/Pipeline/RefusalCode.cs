using System.Text;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// A public, stable reason for a refusal: what a client may know and what programs may test for.
/// </summary>
/// <param name="Code">Stable name such as <c>token.expired</c>; never changes meaning.</param>
/// <param name="Status">HTTP status that goes with it (RFC 9110 §15).</param>
/// <param name="Title">One short sentence for people; the same for every occurrence (RFC 9457 §3.1.4).</param>
public sealed record RefusalCode(string Code, int Status, string Title)
{
    /// <summary>The media type of problem documents (RFC 9457 §3).</summary>
    public const string ProblemMediaType = "application/problem+json";

    /// <summary>The problem type of RFC 9457 §3.1.1.</summary>
    public string Type { get; } = "urn:portcullis:problem:" + Code;

    /// <summary>
    /// Who is to blame, for logs and metrics. Default: <see cref="ForwardSide.Upstream"/> for <c>upstream.*</c>, else
    /// <see cref="ForwardSide.Gateway"/> for status 5xx, else <see cref="ForwardSide.Downstream"/>.
    /// </summary>
    public ForwardSide Source { get; init; } = Code.StartsWith("upstream.", StringComparison.Ordinal) ? ForwardSide.Upstream : Status is >= 500 and not (501 or 505) ? ForwardSide.Gateway : ForwardSide.Downstream;

    public static readonly RefusalCode RequestMalformed = new("request.malformed", 400, "The request is malformed or ambiguous.");
    public static readonly RefusalCode RequestTimeout = new("request.timeout", 408, "The request took too long to arrive.");
    public static readonly RefusalCode RequestTooLarge = new("request.too_large", 413, "The request body is too large.");
    public static readonly RefusalCode TargetTooLong = new("request.too_large", 414, "The request target is too long.");
    public static readonly RefusalCode HeadersTooLarge = new("request.too_large", 431, "The request header fields are too large.");
    public static readonly RefusalCode ExpectationFailed = new("request.malformed", 417, "The expectation can't be met.");
    public static readonly RefusalCode MethodNotSupported = new("request.malformed", 405, "The method is not supported here.");
    public static readonly RefusalCode MethodNotImplemented = new("request.malformed", 501, "The method is not supported.");
    public static readonly RefusalCode CodingNotSupported = new("request.malformed", 501, "The transfer coding is not supported.");
    public static readonly RefusalCode VersionNotSupported = new("request.malformed", 505, "The HTTP version is not supported.");
    public static readonly RefusalCode ClientClosed = new("request.aborted", 499, "The client closed the connection before the response was complete.");
    public static readonly RefusalCode RouteNotFound = new("route.not_found", 404, "Nothing is served at this address.");
    public static readonly RefusalCode AddressBlocked = new("address.blocked", 403, "Requests from this address are not accepted.");
    public static readonly RefusalCode LimitExceeded = new("limit.exceeded", 429, "Too many requests.");
    public static readonly RefusalCode AuthenticationRequired = new("auth.required", 401, "Authentication is required.");
    public static readonly RefusalCode TlsRequired = new("tls.required", 403, "Credentials are taken over TLS only: use https.");
    public static readonly RefusalCode SignInRefused = new("signin.refused", 422, "The sign-in was refused.");
    public static readonly RefusalCode FormRefused = new("form.refused", 422, "The form was not accepted.");
    public static readonly RefusalCode TokenInvalid = new("token.invalid", 401, "The access token or key is not valid.");
    public static readonly RefusalCode TokenExpired = new("token.expired", 401, "The access token has expired.");
    public static readonly RefusalCode StepUpRequired = new("auth.step_up_required", 401, "This needs a stronger or more recent sign-in.");
    public static readonly RefusalCode PermissionDenied = new("permission.denied", 403, "The caller lacks a permission that this needs.");
    public static readonly RefusalCode OriginDenied = new("origin.denied", 403, "This origin is not allowed.");
    public static readonly RefusalCode WafBlocked = new("waf.blocked", 403, "The request was refused because it looks like an attack.");
    public static readonly RefusalCode Overloaded = new("overload.shed", 503, "The gateway takes no more requests at the moment.");
    public static readonly RefusalCode UpstreamUnavailable = new("upstream.unavailable", 502, "The service behind the gateway can't be reached or gave no valid answer.");
    public static readonly RefusalCode UpstreamOverloaded = new("upstream.unavailable", 503, "The service behind the gateway takes no more requests at the moment.");
    public static readonly RefusalCode UpstreamTimeout = new("upstream.timeout", 504, "The service behind the gateway did not answer in time.");
    public static readonly RefusalCode InternalError = new("internal.error", 500, "The gateway could not handle the request.");

    /// <summary>The problem document, in UTF-8. Nothing in it needs escaping: codes and titles are constants of ours, and the id is hexadecimal.</summary>
    /// <param name="requestId">As <see cref="Telemetry.Identifiers.NewRequestId"/> makes them.</param>
    public byte[] Problem(string requestId) => Encoding.UTF8.GetBytes(
        $$"""{"type":"{{Type}}","title":"{{Title}}","status":{{Status}},"code":"{{Code}}","requestId":"{{requestId}}"}""");
}
