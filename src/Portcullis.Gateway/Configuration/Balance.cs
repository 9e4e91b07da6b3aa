namespace Portcullis.Gateway.Configuration;

/// <summary>How a destination is chosen among the healthy ones; weights apply to each.</summary>
public enum Balance
{
    /// <summary>The less busy of two picked at random: nearly as even as least requests, at constant cost.</summary>
    PowerOfTwo,

    /// <summary>One after the other.</summary>
    RoundRobin,

    /// <summary>Any.</summary>
    Random,

    /// <summary>The one with the fewest requests in flight.</summary>
    LeastRequests,

    /// <summary>Consistent: the same key goes to the same destination while that is healthy.</summary>
    Hash,
}
