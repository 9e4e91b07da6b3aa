namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>What the parser found in the octets it was shown.</summary>
internal enum ParseStep
{
    /// <summary>The response breaks RFC 9112; nothing after this is read.</summary>
    Invalid,

    /// <summary>All that could be used is used: show it the rest again, with more.</summary>
    NeedMore,

    /// <summary>An interim head (1xx) is complete; another head follows.</summary>
    Interim,

    /// <summary>The final head is complete.</summary>
    Head,

    /// <summary>A piece of the body; there may be more in the same octets.</summary>
    Data,

    /// <summary>The message is complete.</summary>
    End,
}
