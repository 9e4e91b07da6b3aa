namespace Portcullis.Gateway.Forwarding.Balancing;

/// <summary>
/// One after the other, heavier ones more often and evenly spread: each pick raises every destination by its weight, takes
/// the highest and lowers it by the sum (the smooth weighted round robin that nginx made known).
/// </summary>
internal sealed class RoundRobinBalancer(int count) : Balancer
{
    private readonly Lock turn = new();
    private readonly double[] standing = new double[count];

    public override int Pick(in Candidates candidates)
    {
        lock (turn)
        {
            var best = -1;
            double total = 0;
            for (var i = 0; i < standing.Length; i++)
            {
                var weight = candidates.Weight(i);
                if (weight <= 0) continue;
                total += weight;
                standing[i] += weight;
                if (best < 0 || standing[i] > standing[best]) best = i;
            }

            if (best >= 0) standing[best] -= total;
            return best;
        }
    }
}
