namespace Portcullis.Gateway.Forwarding.Balancing;

/// <summary>
/// Consistent: the same key goes to the same destination. Weighted rendezvous hashing (Thaler and Ravishankar 1996): each
/// destination draws a number from key and name, the best one wins. Removing one of n moves exactly the keys it had, about
/// 1/n, and spreads them over the rest by weight; putting it back restores them. The cost is one multiplication and logarithm
/// a destination, without tables to build. Slow start acts as weight, so a share of a destination's keys comes back first.
/// </summary>
internal sealed class HashBalancer : Balancer
{
    public override int Pick(in Candidates candidates)
    {
        var best = -1;
        var bestScore = double.PositiveInfinity;
        for (var i = 0; i < candidates.Count; i++)
        {
            var weight = candidates.Weight(i);
            if (weight <= 0) continue;

            // Uniform in (0, 1]; exponentially distributed with the weight as rate once the logarithm is taken: the least wins.
            var drawn = ((StableHash.Combine(candidates.Hash, candidates[i].HashSeed) >> 11) + 1) * (1.0 / (1UL << 53));
            var score = -Math.Log(drawn) / weight;
            if (score >= bestScore) continue;
            (best, bestScore) = (i, score);
        }

        return best;
    }
}
