using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Cors;

/// <summary>Which origins' pages may use a route from a browser, and how (Fetch standard, "CORS protocol").</summary>
public sealed record CorsOptions
{
    [Description("Origins: exact (https://app.example.com), every subdomain (https://*.example.com), * for any, or null for sandboxed documents and files.")]
    [Shorthand]
    public required IReadOnlyList<string> Origins { get; init; }

    [Description("Methods that pages may use. Default: the methods the route matches, or GET, HEAD and POST where it matches any")]
    public IReadOnlyList<string> Methods { get; init; } = [];

    [Description("Request header fields that pages may set. Default: Authorization and Content-Type")]
    public IReadOnlyList<string> Headers { get; init; } = ["Authorization", "Content-Type"];

    [Description("Response header fields that pages may read beside the safelisted ones. Default: none")]
    public IReadOnlyList<string> ExposedHeaders { get; init; } = [];

    [Description("Whether browsers may send cookies and client certificates along; not with origin *. Default: false")]
    public bool Credentials { get; init; }

    [Description("How long browsers may keep the answer to a preflight; they cap it themselves. Default: 10m")]
    [Between("0s", "1d")]
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(10);
}
