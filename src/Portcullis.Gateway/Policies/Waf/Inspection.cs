using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Scheduling;
using Portcullis.Gateway.Telemetry;
using Portcullis.Waf;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>
/// One request before the rules, from its head to the end of its response. Kept with the exchange and reused, so that a request without a match
/// allocates nothing here. Not thread safe.
/// </summary>
internal sealed partial class Inspection
{
    /// <summary>
    /// Most octets of head and body that are inspected on the thread of an event loop: usually well under a millisecond, and at the worst rate of about
    /// a microsecond an octet a few. What is longer takes its turn in the pool, so that other connections are served meanwhile.
    /// </summary>
    public const int LoopOctets = 4 * 1024;

    /// <summary>The field that tells test benches which rules matched.</summary>
    public const string RulesField = "X-Waf-Rules";

    private readonly RequestBodyIntake intake = new();
    private readonly InspectedResponse response = new();
    private RouteInspection? route;
    private Transaction? transaction;
    private ILogger? logger;
    private string? fault;
    private bool isBroken;
    private bool isShadowed;
    private bool isObserved;
    private bool hasSeenResponse;
    private int headOctets;
    private TimeSpan spent;
    private long accounted;
    private InspectionCut? requestCut;
    private InspectionCut? responseCut;

    /// <summary>Whether the head is too long for the event loop.</summary>
    public bool IsLong => headOctets > LoopOctets;

    /// <summary>Whether the response's body is to go through <see cref="HoldBack"/>; known once its head has been inspected.</summary>
    public bool WantsResponseBody { get; private set; }

    private bool IsActive => transaction is not null && !isBroken;

    /// <summary>Takes over the request's head.</summary>
    public void Begin(RouteInspection inspection, Exchange exchange, ILogger log)
    {
        (route, logger) = (inspection, log);
        try
        {
            transaction = inspection.Begin();
            headOctets = MessageFeed.Request(transaction, exchange);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Judged with the head.
            Break(exchange, exception);
        }
    }

    /// <summary>Phase 1.</summary>
    public Verdict InspectHead(Exchange exchange) => Run(exchange, static (transaction, _) => transaction.ProcessRequestHeaders());

    /// <summary>Phases 1 and 2 of a request that is refused in any case, whatever they find.</summary>
    public void Observe(Exchange exchange)
    {
        isObserved = true;
        _ = Run(exchange, static (transaction, _) =>
        {
            if (transaction.ProcessRequestHeaders() is null) transaction.ProcessRequestBody();
            return null;
        });
    }

    /// <summary>Phase 2, after the body has been read as far as it is inspected.</summary>
    public ValueTask<Verdict> InspectRequestAsync(Exchange exchange)
    {
        if (!IsActive) return new(Verdict.Continue);
        if (route!.InspectsResponses) exchange.RequestHeaders.Remove(HeaderNames.AcceptEncoding); // what is encoded can't be read
        if (exchange.Caller is { IsAnonymous: false } caller) transaction!.Caller(caller.LabelOctets.Span, default);
        if (exchange.HasRequestBody)
        {
            if (Unread(exchange) is not { } reason) return WithBodyAsync(exchange);
            requestCut = new InspectionCut(0, exchange.RequestHeaders.ContentLength, reason);
        }

        return IsLong ? InPoolAsync(exchange) : new(InspectRequest(exchange));
    }

    /// <summary>Phase 3, and phase 4 where no body is to be held back.</summary>
    public Verdict InspectResponseHead(Exchange exchange)
    {
        // A refusal is the gateway's own.
        if (!IsActive || hasSeenResponse || exchange.Code is not null) return Verdict.Continue;
        hasSeenResponse = true;
        var verdict = Run(exchange, static (transaction, exchange) =>
        {
            MessageFeed.Response(transaction, exchange);
            return transaction.ProcessResponseHeaders();
        });
        if (!verdict.IsContinue || !IsActive) return verdict;

        WantsResponseBody = transaction!.WantsResponseBody && MayHaveBody(exchange);
        if (WantsResponseBody && exchange.ResponseHeaders.ContentEncoding is { Count: > 0 } coding && !(coding is ["identity"]))
        {
            WantsResponseBody = false;
            responseCut = new InspectionCut(0, exchange.ResponseHeaders.ContentLength, "encoded");
        }

        return WantsResponseBody ? verdict : InspectResponse(exchange);
    }

    /// <summary>Where the response's body goes instead of to the client.</summary>
    public InspectedResponse HoldBack(Exchange exchange)
    {
        response.Begin(this, exchange, route!.ResponseLimit, route.Memory);
        return response;
    }

    /// <summary>Phase 4 with what was held back.</summary>
    /// <param name="exchange">Whose response it is.</param>
    /// <param name="body">What was held back.</param>
    /// <param name="cut">Why that is not all; null where it is.</param>
    public async ValueTask<Verdict> InspectResponseAsync(Exchange exchange, ReadOnlyMemory<byte> body, string? cut)
    {
        WantsResponseBody = false;
        if (!IsActive) return Verdict.Continue;
        if (cut is not null) responseCut = new InspectionCut(Math.Min(body.Length, route!.ResponseLimit), exchange.ResponseHeaders.ContentLength, cut);
        if (body.Length > LoopOctets) await PoolTurn.TakeAsync();
        transaction!.AppendResponseBody(body.Span);
        var verdict = InspectResponse(exchange);
        if (verdict.IsContinue) ApplyTo(exchange);
        return verdict;
    }

    /// <summary>Value of <see cref="RulesField"/>; null where it is not asked for.</summary>
    public string? Shown => route is { Exposes: true } ? string.Join(',', Ids(int.MaxValue).Select(static id => id.ToString(CultureInfo.InvariantCulture))) : null;

    /// <summary>Adds to the response what test benches ask for.</summary>
    public void ApplyTo(Exchange exchange)
    {
        if (Shown is { } ids) exchange.ResponseHeaders[RulesField] = ids;
    }

    /// <summary>Phase 5. Returns what is to be recorded; null where the route has no rules.</summary>
    public WafDecision? Complete(Exchange exchange)
    {
        if (route is null) return null;
        if (IsActive) _ = Run(exchange, static (transaction, _) =>
        {
            transaction.ProcessLogging();
            return null;
        });

        route.Counters.Add(route.IsDetecting || isObserved, Result(exchange), spent, requestCut is not null || responseCut is not null);
        var decision = Decide();
        if (transaction is not null && !isObserved) route.Recording?.Offer(exchange, transaction.RequestBody, decision, route.Clock.GetUtcNow());
        return decision;
    }

    private WafDecision Decide()
    {
        var (score, outbound) = transaction is null ? (0, 0) : (transaction.InboundScore, transaction.OutboundScore);
        var hits = transaction?.Hits ?? [];
        if (hits.Count == 0 && (score | outbound) == 0 && fault is null && requestCut is null && responseCut is null) return route!.Clean;
        return new WafDecision
        {
            Mode = isObserved ? "detect" : route!.Mode,
            Score = score,
            OutboundScore = outbound,
            Rules = Ids(route!.Exposes ? int.MaxValue : WafDecision.MostIds),
            Hits = [.. route.Exposes ? hits : hits.Take(WafDecision.MostHits)],
            ShowsValues = route.ShowsValues,
            Fault = fault,
            RequestCut = requestCut,
            ResponseCut = responseCut,
        };
    }

    /// <summary>Lets go of the request.</summary>
    public void End()
    {
        if (route is null) return;
        intake.End(route.Memory);
        response.End();
        if (accounted > 0) route.Memory.Return(accounted);
        accounted = 0;

        // What failed is in no known state, and is not used again.
        if (!isBroken) transaction?.Dispose();
        headOctets = 0;
        spent = default;
        transaction = null;
        route = null;
        logger = null;
        fault = null;
        requestCut = responseCut = null;
        isBroken = isShadowed = isObserved = hasSeenResponse = WantsResponseBody = false;
    }

    private WafResult Result(Exchange exchange)
    {
        if (fault is not null) return WafResult.Fault;
        if (exchange.Code?.Code == RefusalCode.WafBlocked.Code) return WafResult.Blocked;
        if (isShadowed) return WafResult.Detected;
        return transaction!.Hits.Count > 0 ? WafResult.Matched : WafResult.Clean;
    }

    /// <summary>Why the body is not read; null where it is.</summary>
    private string? Unread(Exchange exchange)
    {
        if (WebSocketUpgrade.IsAsked(exchange)) return "upgrade";
        if (!transaction!.WantsRequestBody) return "rules";

        // Such a call may want an answer before it sends all. Elsewhere the type is only a word, which must not keep a body from being read.
        return route!.MayStream && exchange.Protocol == "HTTP/2" && IsGrpc(exchange.RequestHeaders.ContentType.ToString()) ? "stream" : null;
    }

    private static bool IsGrpc(string type)
        => type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) && (type.Length == "application/grpc".Length || type["application/grpc".Length] is '+' or ';');

    // RFC 9110 §6.4.1; what an upgraded connection carries is no body.
    private static bool MayHaveBody(Exchange exchange)
        => exchange.Method is not ("HEAD" or "CONNECT")
            && exchange.StatusCode is >= 200 and not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
            && exchange.Route!.Terminal is ForwardTerminal;

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<Verdict> WithBodyAsync(Exchange exchange)
    {
        var stated = exchange.RequestHeaders.ContentLength;
        if (route!.RefusesLongBody && stated > route.BodyLimit) return TooLong();

        // RFC 9110 §8.3: there is one. The rules would go by one of two, the upstream perhaps by the other.
        if (!route.IsDetecting && exchange.RequestHeaders.ContentType.Count > 1) return Verdict.Refuse(RefusalCode.RequestMalformed, "more than one Content-Type with a body");

        var end = await intake.ReadAsync(exchange.RequestBody, transaction!, route);
        switch (end)
        {
            case IntakeEnd.Late:
                return Verdict.Refuse(RefusalCode.RequestTimeout, $"the client was silent within its body for {route.BodyTimeout}");
            case IntakeEnd.BeyondLimit when route.RefusesLongBody:
                return TooLong();
            case IntakeEnd.NoMemory when !route.IsDetecting:
                return Verdict.Refuse(RefusalCode.Overloaded, "no memory is left for bodies under inspection (waf.bodyMemory)");
        }

        var body = transaction!.RequestBody;
        if (end != IntakeEnd.Whole) requestCut = new InspectionCut(body.Length, stated, end == IntakeEnd.NoMemory ? "memory" : "limit");
        exchange.HeldBody = intake.Held(body, exchange.RequestBody, isWhole: end == IntakeEnd.Whole);
        if (headOctets + body.Length > LoopOctets) await PoolTurn.TakeAsync();
        return InspectRequest(exchange);
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<Verdict> InPoolAsync(Exchange exchange)
    {
        await PoolTurn.TakeAsync();
        return InspectRequest(exchange);
    }

    private Verdict InspectRequest(Exchange exchange) => Run(exchange, static (transaction, _) => transaction.ProcessRequestBody());

    private Verdict InspectResponse(Exchange exchange) => Run(exchange, static (transaction, _) => transaction.ProcessResponseBody());

    // Whatever goes wrong in the engine is judged here, by the route's setting: it is the one part that others' rules run in.
    private Verdict Run(Exchange exchange, Func<Transaction, Exchange, Interruption?> step)
    {
        if (isBroken) return Faulty();
        Interruption? interruption;
        var began = route!.Clock.GetTimestamp();
        try
        {
            interruption = step(transaction!, exchange);
            spent += route.Clock.GetElapsedTime(began);
            Account();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Break(exchange, exception);
            return Faulty();
        }

        if (interruption is not null) return Refusal(exchange, interruption);
        if (fault is null && transaction!.Fault != EngineFault.None)
        {
            fault = transaction.Fault.ToString();
            return Faulty();
        }

        if (isShadowed || transaction!.Suppressed is not { } suppressed) return Verdict.Continue;
        isShadowed = true;
        var note = $"{RefusalCode.WafBlocked.Code} ({suppressed.RuleId})";
        exchange.Shadowed = exchange.Shadowed is { } earlier ? $"{earlier}, {note}" : note;
        return Verdict.Continue;
    }

    // What the rules make of a body stays until the response has been judged: it counts as the bodies do, or slow upstreams would multiply it.
    private void Account()
    {
        var more = transaction!.MemoryHeld - accounted;
        if (more <= 0) return;
        route!.Memory.Take(more);
        accounted += more;
    }

    private void Break(Exchange exchange, Exception exception)
    {
        isBroken = true;
        fault = exception.GetType().Name;
        LogBroken(logger!, exception, exchange.RequestId, exchange.Route?.Name);
    }

    private Verdict Faulty() => route!.FaultsPass || route.IsDetecting ? Verdict.Continue : Verdict.Refuse(RefusalCode.WafBlocked, $"the rules could not be applied: {fault}");

    private Verdict TooLong() => Verdict.Refuse(RefusalCode.RequestTooLarge, $"the body is longer than is inspected (bodyLimit, {route!.BodyLimit} octets)");

    private static Verdict Refusal(Exchange exchange, Interruption interruption)
    {
        var isOfResponse = interruption.Phase is Phase.ResponseHeaders or Phase.ResponseBody;
        var code = isOfResponse ? RefusalCode.WafBlocked with { Source = ForwardSide.Upstream } : RefusalCode.WafBlocked;
        var cause = string.Create(CultureInfo.InvariantCulture, $"rule {interruption.RuleId} in phase {(int)interruption.Phase}");
        switch (interruption.Kind)
        {
            case InterruptionKind.Drop:
                exchange.IsDropped = true;
                return Verdict.Refuse(code, cause + " drops the connection");
            case InterruptionKind.Redirect when interruption.RedirectTo is { } to && FieldValue.IsValid(to):
                exchange.AddResponseField(HeaderNames.Location, to);
                return Verdict.Refuse(code with { Status = interruption.Status is >= 300 and < 400 ? interruption.Status : 302 }, cause + " redirects");
            default:
                return Verdict.Refuse(interruption.Status is >= 400 and < 600 ? code with { Status = interruption.Status } : code, cause);
        }
    }

    private List<long> Ids(int most)
    {
        var ids = new List<long>();
        foreach (var hit in transaction?.Hits ?? [])
        {
            if (ids.Count < most && !ids.Contains(hit.RuleId)) ids.Add(hit.RuleId);
        }

        return ids;
    }

    [LoggerMessage(EventId = 1501, Level = LogLevel.Error, Message = "Request {RequestId} on route {Route}: the rules of the firewall failed")]
    private static partial void LogBroken(ILogger logger, Exception exception, string requestId, string? route);
}
