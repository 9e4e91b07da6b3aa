using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>
/// The limits of a route that are checked at one stage. A request passes if it is within all of them, and only then it counts:
/// a refused one is counted under none of the stage's limits, so a client that keeps knocking still gets its due share.
/// </summary>
internal sealed class RateLimitPolicy : Policy
{
    private readonly LimitStore store;
    private readonly Limit[] limits;
    private readonly string told;

    /// <param name="stage">When they are checked.</param>
    /// <param name="limits">At most 16.</param>
    /// <param name="told">Value of RateLimit-Policy for all limits of the route that responses tell of; may be empty.</param>
    /// <param name="writesFields">Whether this policy writes the fields of responses that are not refused; one policy of a route does.</param>
    /// <param name="store">Where the counts live.</param>
    public RateLimitPolicy(Stage stage, IEnumerable<Limit> limits, string told, bool writesFields, LimitStore store)
    {
        Stage = stage;
        ActsOnResponse = writesFields;
        this.told = told;
        this.store = store;

        // Those in shadow mode last: when an enforced one refuses, they have not been counted yet.
        this.limits = [.. limits.OrderBy(limit => !limit.IsEnforced)];
    }

    public override Stage Stage { get; }

    public override bool ActsOnResponse { get; }

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange) => new(Check(exchange));

    public override Verdict OnResponse(Exchange exchange)
    {
        var report = exchange.LimitReport;
        if (report.Limit is { } limit)
        {
            Append(exchange, Limit.Field, limit.Text(report.Remaining, report.Wait));
            Append(exchange, Limit.PolicyField, told);
        }

        return Verdict.Continue;
    }

    private Verdict Check(Exchange exchange)
    {
        Span<Counted> counted = stackalloc Counted[limits.Length];
        var now = store.Clock.GetTimestamp();
        var report = exchange.LimitReport;
        for (var i = 0; i < limits.Length; i++)
        {
            var limit = limits[i];
            var key = limit.KeyFor(exchange);
            var standing = store.Take(limit.ScopeFor(exchange), key, limit.Rate, now);
            if (standing.Passed)
            {
                counted[i] = new Counted(key, standing);
                if (limit.IsTold) report = report.Tighter(limit, standing);
            }
            else if (limit.IsEnforced)
            {
                GiveBack(exchange, counted[..i]);
                return limit.Refuse(exchange, standing, limit.IsTold ? told : told.Length == 0 ? limit.PolicyItem : $"{told}, {limit.PolicyItem}");
            }
            else
            {
                exchange.Shadowed = exchange.Shadowed is { } earlier ? $"{earlier}, {limit.ShadowNote}" : limit.ShadowNote;
            }
        }

        exchange.LimitReport = report;
        return Verdict.Continue;
    }

    private void GiveBack(Exchange exchange, ReadOnlySpan<Counted> counted)
    {
        for (var i = 0; i < counted.Length; i++) store.GiveBack(limits[i].ScopeFor(exchange), counted[i].Key, limits[i].Rate, counted[i].Standing);
    }

    /// <summary>
    /// Adds to what the upstream may say of limits of its own; both fields are lists that can be split over several lines
    /// (draft-ietf-httpapi-ratelimit-headers-11 §3, §4).
    /// </summary>
    private static void Append(Exchange exchange, string name, string value)
    {
        var headers = exchange.ResponseHeaders;
        headers[name] = headers.TryGetValue(name, out var present) ? StringValues.Concat(present, value) : value;
    }

    private readonly record struct Counted(UInt128 Key, LimitStanding Standing);
}
