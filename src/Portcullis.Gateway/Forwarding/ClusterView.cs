using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Balancing;
using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Forwarding;

/// <summary>A cluster as one configuration has it. Immutable but for the balancer's turn; the destinations outlive it.</summary>
internal sealed class ClusterView
{
    /// <summary>While the circuits of all destinations are open, one request in so many is let through all the same.</summary>
    public const int LastResortEvery = 10;

    private readonly Destination[] destinations;
    private readonly int[] weights;
    private readonly Balancer balancer;
    private int turnedAway;

    public ClusterView(ClusterOptions options, Destination[] destinations, int[] weights, Random? random = null)
    {
        Options = options;
        this.destinations = destinations;
        this.weights = weights;
        balancer = Balancer.Create(options.Balance, weights, random ?? Random.Shared);
    }

    public ClusterOptions Options { get; }

    public ReadOnlySpan<Destination> Destinations => destinations;

    /// <summary>
    /// Chooses a destination and begins a try there, which the caller must end with <see cref="Destination.Report"/> and <see cref="Destination.Leave"/>.
    /// Healthy ones that have not been tried come first, then healthy ones again; while none is healthy, all are tried. While all
    /// circuits are open, every tenth request is let through: whoever knows what a destination chokes on must not be able to shut
    /// everybody else out.
    /// </summary>
    /// <param name="affinity">Value of the affinity cookie; empty: none.</param>
    /// <param name="hash">Hash of the request's key where the cluster balances by hash.</param>
    /// <param name="tried">Where this request has been; the chosen one is added.</param>
    /// <param name="now">Timestamp of the clock.</param>
    /// <param name="ticket">For the report.</param>
    /// <param name="error">Why there is none.</param>
    public Destination? Enter(ReadOnlySpan<char> affinity, ulong hash, ref TriedDestinations tried, long now, out long ticket, out ForwardError error)
    {
        error = ForwardError.None;
        // A circuit that lets one probe through may be entered by another request first; then the pick is made anew.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var chosen = Pick(affinity, hash, tried, now);
            if (chosen is null) break;
            if (!chosen.TryEnter(now, asLastResort: false, out ticket)) continue;
            tried.Add(chosen);
            return chosen;
        }

        ticket = CircuitBreaker.NoTicket;
        if (tried.Count == 0 && Interlocked.Increment(ref turnedAway) % LastResortEvery == 0
            && Pick(affinity, new(destinations, weights, tried, now, hash, mustBeHealthy: false, mustBeUntried: false, mayBeOpen: true)) is { } last
            && last.TryEnter(now, asLastResort: true, out ticket))
        {
            tried.Add(last);
            return last;
        }

        error = weights.AsSpan().ContainsAnyExcept(0) ? ForwardError.CircuitOpen : ForwardError.NoDestination;
        return null;
    }

    /// <summary>The destination that an affinity cookie stands for; null: none of this cluster.</summary>
    public Destination? FindAffine(ReadOnlySpan<char> affinity)
    {
        if (affinity.IsEmpty) return null;
        foreach (var destination in destinations)
        {
            if (affinity.SequenceEqual(destination.AffinityId)) return destination;
        }

        return null;
    }

    private Destination? Pick(ReadOnlySpan<char> affinity, ulong hash, in TriedDestinations tried, long now)
    {
        var hasTried = tried.Count > 0;
        return Pick(affinity, new(destinations, weights, tried, now, hash, mustBeHealthy: true, mustBeUntried: hasTried))
            ?? (hasTried ? Pick(affinity, new(destinations, weights, tried, now, hash, mustBeHealthy: true, mustBeUntried: false)) : null)
            ?? (hasTried ? Pick([], new(destinations, weights, tried, now, hash, mustBeHealthy: false, mustBeUntried: true)) : null)
            ?? Pick([], new(destinations, weights, tried, now, hash, mustBeHealthy: false, mustBeUntried: false));
    }

    private Destination? Pick(ReadOnlySpan<char> affinity, in Candidates candidates)
    {
        if (!affinity.IsEmpty)
        {
            for (var i = 0; i < destinations.Length; i++)
            {
                if (affinity.SequenceEqual(destinations[i].AffinityId) && candidates.Weight(i) > 0) return destinations[i];
            }
        }

        var index = balancer.Pick(candidates);
        return index < 0 ? null : destinations[index];
    }
}
