using System.ComponentModel;

namespace Portcullis.Gateway.Policies.Transform;

/// <summary>Changes to the request on its way to the upstream, and to the response on its way back. What is inspected and logged is the request as sent.</summary>
public sealed record TransformOptions
{
    [Description("Changes to request header fields.")]
    public RequestFieldOptions? Request { get; init; }

    [Description("Changes to response header fields of the upstream; refusals are not changed.")]
    public ResponseFieldOptions? Response { get; init; }

    [Description("Change of the path.")]
    public PathOptions? Path { get; init; }
}
