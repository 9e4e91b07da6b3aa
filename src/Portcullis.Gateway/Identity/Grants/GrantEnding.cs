using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>Ends grants: in the store, in this node's list, and for whoever watches.</summary>
internal sealed class GrantEnding(IGrantStore store, RevocationFeed revocations, ISecurityEvents events, TimeProvider clock)
{
    /// <summary>Ends a grant that the store has not ended itself.</summary>
    public async ValueTask EndAsync(SecurityEventKind kind, Grant grant, string clientId, string requestId)
    {
        // Not the request's token: a client that hangs up does not save a grant.
        await store.EndGrantAsync(grant.Id, clock.GetUtcNow(), CancellationToken.None);
        Ended(kind, grant, clientId, requestId);
    }

    /// <summary>The store has ended a grant within a decision: its access tokens end here at once, elsewhere when they read it.</summary>
    public void Ended(SecurityEventKind kind, Grant grant, string clientId, string requestId)
    {
        revocations.Apply(new Revocation(RevocationKind.Grant, grant.Id, clock.GetUtcNow()));
        events.Raise(new SecurityEvent(kind) { ClientId = clientId, Subject = grant.Subject, GrantId = grant.Id, RequestId = requestId });
    }
}
