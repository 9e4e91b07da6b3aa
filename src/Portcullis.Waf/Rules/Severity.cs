namespace Portcullis.Waf.Rules;

/// <summary>How grave a match is; the numbers are syslog's, RFC 5424 section 6.2.1.</summary>
public enum Severity
{
    Emergency = 0,
    Alert = 1,
    Critical = 2,
    Error = 3,
    Warning = 4,
    Notice = 5,
    Information = 6,
    Debug = 7,

    /// <summary>The rule states none.</summary>
    None = 255,
}
