namespace Portcullis.Gateway.Forwarding;

/// <summary>State of a cluster at one moment, for metrics and the console.</summary>
/// <param name="Name">Key in the configuration.</param>
/// <param name="Destinations">Its destinations, in the order of the configuration.</param>
/// <param name="Retries">Retries since the process started.</param>
/// <param name="RetriesDenied">Retries that the budget did not cover.</param>
/// <param name="Mirrored">Requests copied to this cluster.</param>
/// <param name="MirrorDropped">Requests that should have been copied to this cluster and were not: body too long, queue full.</param>
public sealed record ClusterStatus(string Name, IReadOnlyList<DestinationStatus> Destinations, long Retries, long RetriesDenied, long Mirrored, long MirrorDropped);
