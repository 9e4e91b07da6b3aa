using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.RateLimit;

namespace Portcullis.Gateway.Identity.Clients;

/// <summary>How often one client that has proved itself may call the token service: each token costs a signature.</summary>
/// <param name="store">Where the counts live.</param>
internal sealed class ClientLimit(LimitStore store)
{
    /// <summary>Requests per second and client, over all endpoints: half of what one core signs.</summary>
    public const int PerSecond = 1000;

    private readonly LimitScope scope = store.Scope("(clients)");
    private readonly Limit limit = new("(clients)", "client", new LimitOptions { By = LimitBy.Caller, Limit = PerSecond, Period = TimeSpan.FromSeconds(1) }, store);

    /// <summary>Counts a request; the refusal where there were too many.</summary>
    public Verdict Take(Exchange exchange, string clientId)
    {
        var standing = store.Take(scope, scope.KeyOf(clientId), limit.Rate, store.Clock.GetTimestamp());
        return standing.Passed ? Verdict.Continue : limit.Refuse(exchange, standing, limit.PolicyItem);
    }
}
