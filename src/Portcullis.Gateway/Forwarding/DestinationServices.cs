using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Forwarding;

/// <summary>What all destinations share.</summary>
/// <param name="Clock">The clock of health, circuits and time-outs.</param>
/// <param name="Logger">For changes of state.</param>
/// <param name="AffinityKey">Keys the ids in affinity cookies; at least 16 octets.</param>
/// <param name="CheckSlots">Bounds the active checks that run at once.</param>
internal sealed record DestinationServices(TimeProvider Clock, ILogger Logger, byte[] AffinityKey, SemaphoreSlim CheckSlots);
