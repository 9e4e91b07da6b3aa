namespace Portcullis.Gateway.Pipeline;

/// <summary>Holds the configuration that new requests get. Replaced whole, by one reference write.</summary>
internal sealed class SnapshotHolder(GatewaySnapshot first)
{
    private GatewaySnapshot current = first;

    public GatewaySnapshot Current => Volatile.Read(ref current);

    public void Publish(GatewaySnapshot snapshot) => Volatile.Write(ref current, snapshot);
}
