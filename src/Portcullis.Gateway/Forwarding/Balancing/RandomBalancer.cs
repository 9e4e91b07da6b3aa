namespace Portcullis.Gateway.Forwarding.Balancing;

/// <summary>Any destination, by weight.</summary>
internal sealed class RandomBalancer(Random random) : Balancer
{
    public override int Pick(in Candidates candidates) => candidates.Draw(random);
}
