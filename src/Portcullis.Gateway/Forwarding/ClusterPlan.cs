using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Tls;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Checked cluster options with their files loaded; what <see cref="ClusterRegistry.Apply"/> takes. Opens nothing.</summary>
public sealed class ClusterPlan
{
    internal ClusterPlan(IReadOnlyList<Entry> entries) => Entries = entries;

    internal IReadOnlyList<Entry> Entries { get; }

    internal sealed record Entry(string Name, ClusterOptions Options, UpstreamTls Tls);
}
