namespace Portcullis.Gateway.Telemetry;

/// <summary>What became of a request before the rules of the firewall, as metrics count it.</summary>
public enum WafResult
{
    /// <summary>No rule matched that is reported.</summary>
    Clean,

    /// <summary>Rules matched, and nothing was refused for it.</summary>
    Matched,

    /// <summary>It would have been refused, but for detect mode.</summary>
    Detected,

    /// <summary>It was refused, or its response was.</summary>
    Blocked,

    /// <summary>The rules could not be applied.</summary>
    Fault,
}
