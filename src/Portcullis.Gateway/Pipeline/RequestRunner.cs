using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Policies.Cors;
using Portcullis.Gateway.Routing;
using Portcullis.Gateway.Scheduling;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// Takes a request through the stages of <c>docs/life-of-a-request.md</c>. It alone writes refusals, maps failures and closes
/// the record, so that failing closed is decided in this one file.
/// </summary>
internal sealed partial class RequestRunner(SnapshotHolder snapshots, RequestRecorder recorder, ILogger<RequestRunner> logger)
{
    /// <summary>pin: the request sees this snapshot to its end.</summary>
    public void Begin(Exchange exchange, IFeatureCollection features)
    {
        exchange.Begin(features);
        recorder.Begin(exchange);
        exchange.Snapshot = snapshots.Current!;
        exchange.RequestId = Identifiers.NewRequestId();
    }

    /// <summary>Runs the stages; returns what became of the request. Never throws.</summary>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    public async ValueTask<Verdict> RunAsync(Exchange exchange)
    {
        Verdict verdict;
        try
        {
            exchange.Step = "normalize";
            verdict = Normalize(exchange);
            if (verdict.IsContinue)
            {
                exchange.Step = "match";
                verdict = Match(exchange);
            }

            if (verdict.IsRefusal && verdict.Code.Code == RefusalCode.RequestMalformed.Code && exchange.Snapshot.Observers.GetValueOrDefault(exchange.ListenerName) is { } observer)
            {
                await PoolTurn.TakeAsync();
                observer.Observe(exchange);
            }

            if (verdict.IsContinue)
            {
                exchange.Step = "policies";
                verdict = await RunPoliciesAsync(exchange);
            }

            if (verdict.IsContinue)
            {
                exchange.Step = "terminal";
                verdict = await exchange.Route!.Terminal.InvokeAsync(exchange);
            }
        }
        catch (OperationCanceledException) when (exchange.Aborted.IsCancellationRequested)
        {
            verdict = Verdict.Refuse(RefusalCode.ClientClosed);
        }
        catch (ConnectionResetException exception)
        {
            // The client went within its own body.
            verdict = Verdict.Refuse(RefusalCode.ClientClosed, exception.Message);
        }
        catch (BadHttpRequestException exception)
        {
            // The client broke its own body's framing, size or pace; the server found out while it was read.
            verdict = Verdict.Refuse(RefusalWriter.CodeFor(exception.StatusCode), exception.Message);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogFailed(logger, exception, exchange.RequestId, exchange.Route?.Name);
            verdict = Verdict.Refuse(RefusalCode.InternalError, exception.GetType().Name);
        }

        if (!verdict.IsResponded) await RefuseAsync(exchange, verdict);
        return verdict;
    }

    /// <summary>complete: always, also after a failure or an abort.</summary>
    public void Complete(Exchange exchange) => recorder.Complete(exchange);

    /// <summary>normalize: one reading of addresses, fields, host and target; what could be read in two ways is refused.</summary>
    private static Verdict Normalize(Exchange exchange)
    {
        var headers = exchange.RequestHeaders;

        // 1. Who sent it, by the rules that the listener has now, which may be younger than the connection.
        var connection = exchange.Connection;
        exchange.ListenerName = connection.Rules.Listener;
        var rules = exchange.Rules = exchange.Snapshot.Rules.GetValueOrDefault(exchange.ListenerName, connection.Rules);
        var admission = ClientAddress.Read(exchange, connection, rules);

        // 2. The trace before anything is refused, so that even a malformed request is found by it.
        exchange.Trace = TraceContext.Continue(headers.TraceParent, headers.TraceState, exchange.RequestId);
        if (Tracing.IsOn) Tracing.Start(exchange);

        // 3. Header fields and framing (RFC 9112 §6.3, RFC 9113 §8.2): first, since nothing more may be read after an ambiguous request.
        if (RequestHeaderRules.Check(headers, exchange.Protocol, out var arePlain) is { } defect) return Verdict.Refuse(RefusalWriter.CodeFor(defect.Status), defect.Cause);
        exchange.HasPlainFields = arePlain;
        if (!admission.IsContinue) return admission;
        ConnectionField.RemoveNamedFields(headers);

        // 4. Host and target.
        return TargetReading.Read(exchange, rules.Options.EncodedSlashes);
    }

    /// <summary>match: nothing is proxied by default.</summary>
    private static Verdict Match(Exchange exchange)
    {
        if (!exchange.Snapshot.Routes.TryGetValue(exchange.ListenerName, out var table)) return Verdict.Refuse(RefusalCode.RouteNotFound, "listener without routes");

        // RFC 8441 §5: WebSocket over HTTP/2 is the CONNECT that stands for HTTP/1.1's GET.
        var method = exchange.Target.Form == TargetForm.Origin && exchange.Method == "CONNECT" ? "GET" : exchange.Method;
        var fields = new HeaderFields(exchange.RequestHeaders);

        // A preflight is answered by the route of the request that it asks about, which need not match OPTIONS.
        if (Preflight.RequestedMethod(method, exchange.RequestHeaders) is { } requested
            && table.Find(exchange.Host, exchange.Target, requested, fields) is { Kind: RouteResultKind.Found, Value.AnswersPreflights: true } asked)
        {
            exchange.Route = asked.Value;
            exchange.Pattern = asked.Pattern;
            return Verdict.Continue;
        }

        var found = table.Find(exchange.Host, exchange.Target, method, fields);
        switch (found.Kind)
        {
            case RouteResultKind.Found:
                exchange.Route = found.Value;
                exchange.Pattern = found.Pattern;
                return Verdict.Continue;
            case RouteResultKind.Ambiguous:
                return Verdict.Refuse(RefusalCode.RequestMalformed, "the path reads as another route's to upstreams that decode more");
            default:
                return Verdict.Refuse(RefusalCode.RouteNotFound, found.Kind == RouteResultKind.MethodNotAllowed ? "no route for this method" : null);
        }
    }

    /// <summary>The route's policies in the order of <see cref="Stage"/>; the first that does not continue ends it.</summary>
    private static ValueTask<Verdict> RunPoliciesAsync(Exchange exchange)
    {
        var policies = exchange.Route!.RequestPolicies;
        for (var index = 0; index < policies.Length; index++)
        {
            var pending = policies[index].OnRequestAsync(exchange);
            if (!pending.IsCompletedSuccessfully) return FinishAsync(exchange, pending, index);

            var verdict = pending.Result;
            if (!verdict.IsContinue) return new(End(exchange, index, verdict));
        }

        return new(Verdict.Continue);

        static Verdict End(Exchange exchange, int index, Verdict verdict)
        {
            exchange.Step = exchange.Route!.RequestPolicies[index].Stage.ToString();
            return verdict;
        }

        static async ValueTask<Verdict> FinishAsync(Exchange exchange, ValueTask<Verdict> pending, int index)
        {
            while (true)
            {
                var verdict = await pending;
                if (!verdict.IsContinue) return End(exchange, index, verdict);
                if (++index == exchange.Route!.RequestPolicies.Length) return verdict;
                pending = exchange.Route.RequestPolicies[index].OnRequestAsync(exchange);
            }
        }
    }

    private async Task RefuseAsync(Exchange exchange, Verdict verdict)
    {
        // A terminal or policy that says "continue" at the end has answered nothing: that refuses, too.
        exchange.Fail(verdict.Code, verdict.Cause);
        if (exchange.IsDropped)
        {
            if (!exchange.HasStarted) exchange.StatusCode = verdict.Code.Status;
            exchange.Abort();
            return;
        }

        if (exchange.Aborted.IsCancellationRequested)
        {
            exchange.Fail(RefusalCode.ClientClosed, verdict.Cause);
            return;
        }

        if (exchange.HasStarted)
        {
            // Nothing can be taken back: an incomplete response must not look complete.
            exchange.Abort();
            return;
        }

        try
        {
            await RefusalWriter.WriteAsync(exchange, verdict.Code);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            if (!exchange.Aborted.IsCancellationRequested) LogFailed(logger, exception, exchange.RequestId, exchange.Route?.Name);
            exchange.Abort();
        }
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "Request {RequestId} on route {Route} failed inside the gateway and was refused")]
    private static partial void LogFailed(ILogger logger, Exception exception, string requestId, string? route);
}
