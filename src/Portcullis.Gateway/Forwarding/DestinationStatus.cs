using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Forwarding;

/// <summary>State of a destination at one moment, for metrics and the console.</summary>
/// <param name="Name">Scheme, host and port.</param>
/// <param name="InFlight">Requests in flight.</param>
/// <param name="IsHealthy">What active and passive checks say.</param>
/// <param name="Circuit">State of the circuit breaker.</param>
/// <param name="Requests">Tries since the destination was made: at the start, or by a reload that changed how it is reached.</param>
/// <param name="Failures">Failed tries and 5xx answers among them.</param>
public sealed record DestinationStatus(string Name, int InFlight, bool IsHealthy, CircuitState Circuit, long Requests, long Failures);
