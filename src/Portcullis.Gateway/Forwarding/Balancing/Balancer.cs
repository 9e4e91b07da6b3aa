using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding.Balancing;

/// <summary>Chooses among destinations. Thread safe; a pick allocates nothing.</summary>
internal abstract class Balancer
{
    /// <summary>The index of the chosen one; -1 exactly when all weights are 0.</summary>
    public abstract int Pick(in Candidates candidates);

    /// <param name="balance">The algorithm.</param>
    /// <param name="weights">The configured weight of each destination; at least one.</param>
    /// <param name="random">Must be thread safe where threads share the balancer, as <see cref="Random.Shared"/> is.</param>
    public static Balancer Create(Balance balance, ReadOnlySpan<int> weights, Random random) => balance switch
    {
        Balance.RoundRobin => new RoundRobinBalancer(weights.Length),
        Balance.Random => new RandomBalancer(random),
        Balance.LeastRequests => new LeastRequestsBalancer(random),
        Balance.Hash => new HashBalancer(),
        _ => new PowerOfTwoBalancer(!weights.ContainsAnyExcept(weights[0]), random),
    };
}
