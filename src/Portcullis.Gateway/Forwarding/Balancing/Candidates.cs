namespace Portcullis.Gateway.Forwarding.Balancing;

/// <summary>The destinations of a cluster as one pick sees them: each with its weight at this moment, 0 for those that may not be asked.</summary>
internal readonly ref struct Candidates
{
    private readonly ReadOnlySpan<Destination> destinations;
    private readonly ReadOnlySpan<int> weights;
    private readonly ref readonly TriedDestinations tried;
    private readonly long now;
    private readonly bool mustBeHealthy;
    private readonly bool mustBeUntried;
    private readonly bool mayBeOpen;

    public Candidates(
        ReadOnlySpan<Destination> destinations,
        ReadOnlySpan<int> weights,
        in TriedDestinations tried,
        long now,
        ulong hash,
        bool mustBeHealthy,
        bool mustBeUntried,
        bool mayBeOpen = false)
    {
        this.destinations = destinations;
        this.weights = weights;
        this.tried = ref tried;
        this.now = now;
        Hash = hash;
        this.mustBeHealthy = mustBeHealthy;
        this.mustBeUntried = mustBeUntried;
        this.mayBeOpen = mayBeOpen;
    }

    public int Count => destinations.Length;

    /// <summary>Hash of the request's key, for consistent hashing.</summary>
    public ulong Hash { get; }

    public Destination this[int index] => destinations[index];

    /// <summary>The configured weight, less what slow start holds back; 0: not to be asked.</summary>
    public double Weight(int index)
    {
        var weight = weights[index];
        var destination = destinations[index];
        if (weight == 0 || (mustBeUntried && tried.Contains(destination)) || !(mayBeOpen || destination.Circuit.MayTry(now))) return 0;
        if (!destination.Health.NeedsAttention) return weight;
        if (!mustBeHealthy) return weight;
        return destination.Health.IsHealthy(now) ? weight * destination.Health.Share(now) : 0;
    }

    /// <summary>An index drawn by weight; -1 when none may be asked.</summary>
    public int Draw(Random random)
    {
        double total = 0;
        for (var i = 0; i < Count; i++) total += Weight(i);
        if (total <= 0) return -1;

        var point = random.NextDouble() * total;
        var last = -1;
        for (var i = 0; i < Count; i++)
        {
            var weight = Weight(i);
            if (weight <= 0) continue;
            last = i;
            point -= weight;
            if (point < 0) return i;
        }

        // The weights changed, or rounding left a rest.
        return last;
    }
}
