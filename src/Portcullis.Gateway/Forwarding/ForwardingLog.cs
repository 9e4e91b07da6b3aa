using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Events of forwarding, ids 3000 to 3099.</summary>
internal static partial class ForwardingLog
{
    [LoggerMessage(3000, LogLevel.Warning, "Destination {Destination} of cluster {Cluster} is unhealthy: {Reason}")]
    public static partial void Unhealthy(ILogger logger, string cluster, string destination, string reason);

    [LoggerMessage(3001, LogLevel.Information, "Destination {Destination} of cluster {Cluster} is healthy again")]
    public static partial void Healthy(ILogger logger, string cluster, string destination);

    [LoggerMessage(3002, LogLevel.Warning, "The circuit of destination {Destination} of cluster {Cluster} has opened")]
    public static partial void CircuitOpened(ILogger logger, string cluster, string destination);

    [LoggerMessage(3003, LogLevel.Information, "The circuit of destination {Destination} of cluster {Cluster} has closed")]
    public static partial void CircuitClosed(ILogger logger, string cluster, string destination);

    [LoggerMessage(3004, LogLevel.Error, "Closing the connections of destination {Destination} of cluster {Cluster} failed")]
    public static partial void DisposeFailed(ILogger logger, Exception exception, string cluster, string destination);

    [LoggerMessage(3005, LogLevel.Error, "An active check of destination {Destination} of cluster {Cluster} failed inside the gateway")]
    public static partial void CheckFailed(ILogger logger, Exception exception, string cluster, string destination);

    [LoggerMessage(3006, LogLevel.Error, "Mirroring a request to cluster {Cluster} failed inside the gateway")]
    public static partial void MirrorFailed(ILogger logger, Exception exception, string cluster);

    [LoggerMessage(3008, LogLevel.Error, "Destination {Destination} of cluster {Cluster} is not checked any more until the next reload: the checks failed inside the gateway")]
    public static partial void ChecksEnded(ILogger logger, Exception exception, string cluster, string destination);
}
