namespace Portcullis.Gateway.Configuration;

/// <summary>What becomes of a request that the rules could not be applied to.</summary>
public enum WafFaultAction
{
    /// <summary>It is refused. The zero value.</summary>
    Block,

    /// <summary>It passes, and the decision log says that it was not inspected.</summary>
    Pass,
}
