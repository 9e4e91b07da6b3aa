using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>Options of <c>rateLimit</c>: a list of limits, or the list with further settings.</summary>
public sealed record RateLimitOptions
{
    [Description("The limits, at most 16; a request has to be within all of them.")]
    [Shorthand]
    public required IReadOnlyList<LimitOptions> Limits { get; init; }

    [Description("Whether responses that are not refused carry RateLimit and RateLimit-Policy; 429 always does. Default: true")]
    public bool Headers { get; init; } = true;
}
