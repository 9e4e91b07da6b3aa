using System.Net;
using Portcullis.Gateway.Identity.Certificates;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What an authenticated client asks tokens for.</summary>
/// <param name="Client">The client.</param>
/// <param name="Form">What it sent.</param>
/// <param name="Address">Where it is.</param>
/// <param name="RequestId">The request, for records.</param>
/// <param name="Aborted">Fires when the client is gone.</param>
internal sealed record GrantRequest(OAuthClient Client, OAuthParameters Form, IPAddress Address, string RequestId, CancellationToken Aborted)
{
    /// <summary>SHA-256 of the certificate by which the client proved itself, to which its tokens are bound (RFC 8705 §3); empty for none.</summary>
    public ReadOnlyMemory<byte> Certificate { get; init; }

    /// <summary>What the connection showed, whether or not the client proved itself by it; null for nothing.</summary>
    public ShownCertificate? Presented { get; init; }
}
