using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authorize;

/// <summary>Keeps tenants apart: only callers of the tenant that the request is about are let in, whatever else they are permitted.</summary>
internal sealed class TenantPolicy(TenantSource source) : Policy
{
    public override Stage Stage => Stage.Authorize;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        if (exchange.Caller is not { IsAnonymous: false } caller) return new(Verdict.Refuse(RefusalCode.AuthenticationRequired, "nobody has been identified"));
        return new(source.Is(exchange, caller.Tenant)
            ? Verdict.Continue
            : Verdict.Refuse(RefusalCode.PermissionDenied, caller.Tenant.Length == 0 ? "belongs to no tenant" : "belongs to another tenant"));
    }
}
