namespace Portcullis.Gateway.Forwarding;

/// <summary>One of the clusters that a route leads to.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="UpTo">Sum of the weights up to and with this one.</param>
internal readonly record struct ForwardArm(Cluster Cluster, int UpTo);
