namespace Portcullis.Gateway.Forwarding.Balancing;

/// <summary>
/// Draws two destinations by weight and takes the one with fewer requests in flight for its weight (Mitzenmacher 2001).
/// </summary>
internal sealed class PowerOfTwoBalancer(bool isUniform, Random random) : Balancer
{
    public override int Pick(in Candidates candidates)
    {
        var count = candidates.Count;
        if (count == 1) return candidates.Weight(0) > 0 ? 0 : -1;

        // Equal weights, the usual case: two different ones, without a walk over all. One that may not be asked, or is on
        // slow start, does not weigh the same; then the walk is needed.
        if (isUniform)
        {
            var one = random.Next(count);
            var other = random.Next(count - 1);
            if (other >= one) other++;
            var weight = candidates.Weight(one);
            if (weight >= 1 && candidates.Weight(other) >= 1) return candidates[one].InFlight <= candidates[other].InFlight ? one : other;
        }

        var first = candidates.Draw(random);
        if (first < 0) return -1;
        var second = candidates.Draw(random);
        if (second < 0 || first == second) return first;

        // In flight over weight; at a tie the first draw stands, so that idle destinations get their share by weight.
        var secondIsBetter = candidates[second].InFlight * candidates.Weight(first) < candidates[first].InFlight * candidates.Weight(second);
        return secondIsBetter ? second : first;
    }
}
