namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// The fixed points of a request's life at which policies act, in the order in which they run.
/// The compiler sorts a route's policies by stage, so a configuration cannot put them out of order.
/// </summary>
/// <remarks>The same names stand in <c>docs/life-of-a-request.md</c>; a test compares the two.</remarks>
public enum Stage
{
    /// <summary>Blocks, address rules, methods, CORS, load shedding: decisions that need nothing but the connection and the head.</summary>
    Admit,

    /// <summary>Limits by address: cheap checks before dear ones.</summary>
    LimitAddress,

    /// <summary>Inspection of the request head, before any parser of ours touches credentials.</summary>
    InspectHeaders,

    /// <summary>Token, session, API key, client certificate or the written word <c>none</c>; sets <see cref="Exchange.Caller"/>.</summary>
    Authenticate,

    /// <summary>Limits and quotas by caller and tenant.</summary>
    LimitCaller,

    /// <summary>Permissions, tenant, step-up, data class.</summary>
    Authorize,

    /// <summary>The body up to its limit: schema and inspection.</summary>
    InspectBody,

    /// <summary>Cache look-up.</summary>
    Recall,

    /// <summary>Header and path changes on the way to the upstream.</summary>
    Shape,
}
