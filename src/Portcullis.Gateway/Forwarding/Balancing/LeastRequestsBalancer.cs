namespace Portcullis.Gateway.Forwarding.Balancing;

/// <summary>The destination with the fewest requests in flight for its weight; among equals, one drawn by weight.</summary>
internal sealed class LeastRequestsBalancer(Random random) : Balancer
{
    public override int Pick(in Candidates candidates)
    {
        var best = -1;
        var bestLoad = double.PositiveInfinity;
        double tied = 0;
        for (var i = 0; i < candidates.Count; i++)
        {
            var weight = candidates.Weight(i);
            if (weight <= 0) continue;
            var load = candidates[i].InFlight / weight;
            if (load < bestLoad)
            {
                (best, bestLoad, tied) = (i, load, weight);
            }
            else if (load == bestLoad)
            {
                // Each of the equals seen so far stays chosen with its part of their weights.
                tied += weight;
                if (random.NextDouble() * tied < weight) best = i;
            }
        }

        return best;
    }
}
