using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// One upstream server and what is known of it: connections, health, circuit, requests in flight. Lives across reloads for as
/// long as a pool made for it is still right; removed, it is disposed once its last request has ended.
/// </summary>
internal sealed class Destination : IDisposable
{
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly ActiveCheck check;
    private volatile ClusterOptions options;
    private volatile bool isRetired;
    private int uses;
    private long requests;
    private long failures;

    public Destination(string cluster, UpstreamEndpoint endpoint, IUpstreamTransport transport, ClusterOptions options, DestinationServices services)
    {
        Cluster = cluster;
        Endpoint = endpoint;
        Transport = transport;
        Name = endpoint.Url.GetLeftPart(UriPartial.Authority);
        clock = services.Clock;
        logger = services.Logger;
        this.options = options;
        Health = new HealthState(clock);
        Circuit = new CircuitBreaker(clock);
        HashSeed = StableHash.Of(Name);
        AffinityId = Convert.ToBase64String(HMACSHA256.HashData(services.AffinityKey, Encoding.UTF8.GetBytes(cluster + "\n" + Name)).AsSpan(0, 12))
            .Replace('+', '-').Replace('/', '_');
        check = new ActiveCheck(this, services);
    }

    /// <summary>Name of the cluster.</summary>
    public string Cluster { get; }

    /// <summary>Scheme, host and port; for logs and metrics.</summary>
    public string Name { get; }

    public UpstreamEndpoint Endpoint { get; }

    public IUpstreamTransport Transport { get; }

    public HealthState Health { get; }

    public CircuitBreaker Circuit { get; }

    /// <summary>Position of the destination in consistent hashing; the same on every node.</summary>
    public ulong HashSeed { get; }

    /// <summary>What the affinity cookie says: opaque, so that it tells no client where its requests go.</summary>
    public string AffinityId { get; }

    public ClusterOptions Options => options;

    /// <summary>Requests in flight.</summary>
    public int InFlight => Math.Max(0, Volatile.Read(ref uses));

    /// <summary>
    /// Begins a try; at least one <see cref="Report"/> and one <see cref="Leave"/> must follow. False: the circuit let none through, or the destination is gone.
    /// </summary>
    /// <param name="now">Timestamp of the clock.</param>
    /// <param name="asLastResort">An open circuit does not matter.</param>
    /// <param name="ticket">For <see cref="Report"/>.</param>
    public bool TryEnter(long now, bool asLastResort, out long ticket)
    {
        ticket = CircuitBreaker.NoTicket;
        if (Interlocked.Increment(ref uses) <= 0)
        {
            Interlocked.Decrement(ref uses);
            return false;
        }

        if (asLastResort)
        {
            ticket = Circuit.Force();
        }
        else if (!Circuit.TryEnter(now, out ticket))
        {
            Leave();
            return false;
        }

        Interlocked.Increment(ref requests);
        return true;
    }

    /// <summary>Takes what a try says about the destination.</summary>
    public void Report(TryOutcome outcome, long now, long ticket)
    {
        if (outcome >= TryOutcome.ServerError) Interlocked.Increment(ref failures);
        if (Health.ReportRequest(outcome, now, options.Health) == false) ForwardingLog.Unhealthy(logger, Cluster, Name, "requests failed in a row");
        switch (Circuit.Report(outcome, now, options.CircuitBreaker, ticket))
        {
            case CircuitState.Open:
                ForwardingLog.CircuitOpened(logger, Cluster, Name);
                break;
            case CircuitState.Closed:
                ForwardingLog.CircuitClosed(logger, Cluster, Name);
                Health.Ramp(now, options.Health);
                break;
        }
    }

    /// <summary>Ends a try.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref uses) == 0 && isRetired) Close();
    }

    /// <summary>Takes over what a reload changed; connections stay.</summary>
    public void Update(ClusterOptions changed)
    {
        options = changed;
        check.Update();
    }

    /// <summary>No request will choose it any more; disposed when the last one has ended.</summary>
    public void Dispose()
    {
        check.Dispose();
        isRetired = true;
        if (Volatile.Read(ref uses) == 0) Close();
    }

    public DestinationStatus Describe()
    {
        var now = clock.GetTimestamp();
        return new(Name, InFlight, Health.IsHealthy(now), Circuit.StateAt(now), Interlocked.Read(ref requests), Interlocked.Read(ref failures));
    }

    private void Close()
    {
        // From zero to the least number: whoever increments from here on sees a negative count and stays out.
        if (Interlocked.CompareExchange(ref uses, int.MinValue, 0) != 0) return;
        _ = DisposeTransportAsync();
    }

    private async Task DisposeTransportAsync()
    {
        try
        {
            await Transport.DisposeAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            ForwardingLog.DisposeFailed(logger, e, Cluster, Name);
        }
    }
}
