using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.RateLimit;

namespace Portcullis.Gateway.Identity;

/// <summary>
/// How often one address may come to a built-in endpoint and prove nothing, which no configuration can forget. A request counts when it comes and is given back when
/// it turns out to be of a client, token or person that counts: so guessing is slow, and a fleet behind one address is not.
/// </summary>
internal sealed class AttemptLimit : Policy
{
    /// <summary>Attempts per second and address: room for documents and mistakes, none for guessing.</summary>
    public const int PerSecond = 20;

    /// <summary>Attempts that may come at once after a pause, those under way included.</summary>
    public const int Burst = 40;

    private readonly Limit limit;
    private readonly LimitStore store;

    /// <param name="route">Name of the endpoint, under which counts live on over reloads.</param>
    /// <param name="store">Where the counts live.</param>
    public AttemptLimit(string route, LimitStore store)
    {
        this.store = store;
        limit = new Limit(route, "address", new LimitOptions { By = LimitBy.Address, Limit = PerSecond, Period = TimeSpan.FromSeconds(1), Burst = Burst }, store);
    }

    public override Stage Stage => Stage.LimitAddress;

    public override bool ActsOnResponse => true;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        var standing = store.Take(limit.ScopeFor(exchange), limit.KeyFor(exchange), limit.Rate, store.Clock.GetTimestamp());
        exchange.Attempt = standing;
        return new(standing.Passed ? Verdict.Continue : limit.Refuse(exchange, standing, limit.PolicyItem));
    }

    public override Verdict OnResponse(Exchange exchange)
    {
        if (exchange is { Attempt.Passed: true, Caller.IsAnonymous: false })
        {
            store.GiveBack(limit.ScopeFor(exchange), limit.KeyFor(exchange), limit.Rate, exchange.Attempt);
            exchange.Attempt = default;
        }

        return Verdict.Continue;
    }
}
