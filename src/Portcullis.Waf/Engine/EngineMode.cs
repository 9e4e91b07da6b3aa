namespace Portcullis.Waf.Engine;

/// <summary>What becomes of rules that match (<c>SecRuleEngine</c>).</summary>
public enum EngineMode
{
    /// <summary>They refuse. The zero value.</summary>
    On,

    /// <summary>They are only reported.</summary>
    DetectionOnly,

    /// <summary>No rule runs.</summary>
    Off,
}
