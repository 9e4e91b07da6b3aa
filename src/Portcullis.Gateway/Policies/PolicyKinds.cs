using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Gateway.Policies.Cors;
using Portcullis.Gateway.Policies.Firewall;
using Portcullis.Gateway.Policies.Headers;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Policies.Transform;
using Portcullis.Gateway.Policies.Waf;

namespace Portcullis.Gateway.Policies;

/// <summary>Every kind of policy. Policies of one stage run in this order, and their response sides in the reverse of it.</summary>
public static class PolicyKinds
{
    public static IReadOnlyList<PolicyKind> All { get; } =
    [
        // First, so that its response side comes last and nothing else weakens its fields.
        new HeadersPolicyKind(),
        new FirewallPolicyKind(),
        new CorsPolicyKind(),
        new RateLimitPolicyKind(),
        new WafPolicyKind(),
        new AuthenticatePolicyKind(),
        new AuthorizePolicyKind(),
        new TransformPolicyKind(),
    ];
}
