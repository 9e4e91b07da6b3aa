namespace Portcullis.Gateway.Forwarding;

/// <summary>Under which condition a failed try may be repeated. A body of which any octet was taken rules it out in all cases.</summary>
public enum RetrySafety
{
    /// <summary>Never: the next try would fail the same way, or an answer has begun.</summary>
    Never,

    /// <summary>The destination may have acted on the request, so only idempotent methods (RFC 9110 §9.2.2).</summary>
    IfIdempotent,

    /// <summary>Nothing of the request was sent.</summary>
    Always,
}
