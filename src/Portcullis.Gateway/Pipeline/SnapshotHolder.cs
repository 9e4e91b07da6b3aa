namespace Portcullis.Gateway.Pipeline;

/// <summary>Holds the configuration that new requests get. Replaced whole, by one reference write.</summary>
internal sealed class SnapshotHolder
{
    private GatewaySnapshot? current;

    /// <summary>The published snapshot; null only before the first, when no listener is open.</summary>
    public GatewaySnapshot? Current => Volatile.Read(ref current);

    public void Publish(GatewaySnapshot? snapshot) => Volatile.Write(ref current, snapshot);
}
