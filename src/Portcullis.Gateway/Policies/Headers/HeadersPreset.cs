namespace Portcullis.Gateway.Policies.Headers;

/// <summary>A set of response fields for a kind of service. Each scores A+ with MDN's HTTP Observatory; a test holds them to its rules.</summary>
public enum HeadersPreset
{
    /// <summary>For data that no browser renders: nothing may be loaded, framed or embedded.</summary>
    Api,

    /// <summary>For websites: own scripts, styles and frames only, no inline script.</summary>
    Web,

    /// <summary>For websites with high needs: every kind of content is named, the page is isolated, and all subdomains are https for two years.</summary>
    Strict,

    /// <summary>Only the fields that are written, and the removal of version banners.</summary>
    Custom,
}
