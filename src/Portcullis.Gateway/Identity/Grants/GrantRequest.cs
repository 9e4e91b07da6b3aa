using System.Net;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What an authenticated client asks tokens for.</summary>
/// <param name="Client">The client.</param>
/// <param name="Form">What it sent.</param>
/// <param name="Address">Where it is.</param>
/// <param name="RequestId">The request, for records.</param>
/// <param name="Aborted">Fires when the client is gone.</param>
internal sealed record GrantRequest(OAuthClient Client, OAuthParameters Form, IPAddress Address, string RequestId, CancellationToken Aborted);
