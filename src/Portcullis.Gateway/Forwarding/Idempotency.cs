namespace Portcullis.Gateway.Forwarding;

/// <summary>Which requests may be repeated when it is not known whether they were acted on.</summary>
internal static class Idempotency
{
    /// <summary>RFC 9110 §9.2.2. Methods this does not know are not idempotent.</summary>
    public static bool IsIdempotent(string method) => method is "GET" or "HEAD" or "OPTIONS" or "TRACE" or "PUT" or "DELETE";
}
