namespace Portcullis.Gateway.Policies.Waf;

/// <summary>What the rules do on a route.</summary>
public enum WafMode
{
    /// <summary>Requests that they hold for an attack are refused. The zero value.</summary>
    Block,

    /// <summary>Nothing is refused; the decision log says what would have been.</summary>
    Detect,

    /// <summary>No rule runs.</summary>
    Off,
}
