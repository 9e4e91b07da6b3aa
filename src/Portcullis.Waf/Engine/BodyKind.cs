namespace Portcullis.Waf.Engine;

/// <summary>How a request's body is read (REQBODY_PROCESSOR).</summary>
internal enum BodyKind
{
    /// <summary>Not at all.</summary>
    None,
    Urlencoded,
    Multipart,
    Json,
    Xml,

    /// <summary>As it is: only REQUEST_BODY.</summary>
    Raw,
}
