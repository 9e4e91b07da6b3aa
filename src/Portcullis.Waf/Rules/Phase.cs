namespace Portcullis.Waf.Rules;

/// <summary>When a rule runs (ModSecurity reference manual, "Processing Phases").</summary>
public enum Phase
{
    /// <summary>Request line and header fields are known, the body is not read yet.</summary>
    RequestHeaders = 1,

    /// <summary>The request's body has been read.</summary>
    RequestBody = 2,

    /// <summary>The response's status and header fields are known.</summary>
    ResponseHeaders = 3,

    /// <summary>The response's body has been read as far as it is inspected.</summary>
    ResponseBody = 4,

    /// <summary>Everything is over; nothing can be blocked any more. Always runs.</summary>
    Logging = 5,
}
