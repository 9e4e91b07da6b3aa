using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>Phase 1 before authentication, and phases 3 and 4 when the response comes.</summary>
internal sealed class WafHeadPolicy(RouteInspection route, ILogger logger) : Policy
{
    public override Stage Stage => Stage.InspectHeaders;

    public override bool ActsOnResponse => true;

    public int Paranoia => route.Paranoia;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        var inspection = exchange.Inspection ??= new Inspection();
        inspection.Begin(route, exchange, logger);
        return inspection.IsLong ? InPoolAsync(exchange, inspection) : new(inspection.InspectHead(exchange));
    }

    /// <summary>
    /// Phases 1 and 2 without body, of a request that is refused as malformed before it has a route: for the record alone. May take long.
    /// </summary>
    public void Observe(Exchange exchange)
    {
        var inspection = exchange.Inspection ??= new Inspection();
        inspection.Begin(route, exchange, logger);
        inspection.Observe(exchange);
    }

    public override Verdict OnResponse(Exchange exchange) => exchange.Inspection?.InspectResponseHead(exchange) ?? Verdict.Continue;

    /// <summary>Trailer fields come after the rules have judged the request, so none are passed on.</summary>
    public override void OnRequestTrailers(IHeaderDictionary trailers) => trailers.Clear();

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private static async ValueTask<Verdict> InPoolAsync(Exchange exchange, Inspection inspection)
    {
        await PoolTurn.TakeAsync();
        return inspection.InspectHead(exchange);
    }
}
