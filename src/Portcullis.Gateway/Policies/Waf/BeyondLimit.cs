namespace Portcullis.Gateway.Policies.Waf;

/// <summary>What becomes of a request whose body is longer than is inspected.</summary>
public enum BeyondLimit
{
    /// <summary>It is refused with 413. The zero value.</summary>
    Refuse,

    /// <summary>What is within the limit is inspected, and the decision log says so.</summary>
    InspectPart,
}
