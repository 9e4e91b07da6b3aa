using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Health;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// Forwards a request to a destination of a cluster and its response back, in the steps that are numbered here. Nothing is answered
/// as complete that was not.
/// </summary>
internal sealed class ForwardTerminal(ForwardArm[] arms, MirrorTarget? mirror, TimeSpan? timeout, ForwardStatePool states, TimeProvider clock) : ITerminal
{
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    public async ValueTask<Verdict> InvokeAsync(Exchange exchange)
    {
        var state = states.Get();
        using var _ = new Rental(states, state);

        // 1. The cluster: the only one, or an arm of the split. The view stays the same over all tries.
        var cluster = ChooseArm(exchange);
        if (cluster.View is not { } view) return Refuse(ForwardError.NoDestination, "the cluster has not been applied");

        // 2. The request as it goes upstream.
        var verdict = UpstreamRequestBuilder.Build(exchange, view.Options, state);
        if (!verdict.IsContinue) return verdict;

        // 3. A copy for the mirror.
        if (mirror is not null && !await OfferAsync(mirror, exchange, state)) return Refuse(state.Body.Failure, state.Body.Cause);

        // 4. Tries, until one brings a response head.
        var began = clock.GetTimestamp();
        var now = began;
        var total = timeout ?? view.Options.Timeout;
        cluster.Budget.CountRequest(now);
        for (var retries = 0; ; retries++)
        {
            if (Enter(exchange, view, state, now, out var ticket, out var error) is not { } destination) return Refuse(error, null);

            var isJudged = false;
            exchange.Destination = destination.Name;
            state.Request.Host = view.Options.PreserveHost && exchange.Authority.Length > 0 ? exchange.Authority : destination.Endpoint.Authority;
            try
            {
                var left = total - clock.GetElapsedTime(began, now);
                state.Timer.Begin(Least(view.Options.TryTimeout ?? left, left), exchange.Aborted);
                UpstreamResult result;
                try
                {
                    result = await destination.Transport.SendAsync(state.Request, state.Timer.Token);
                }
                finally
                {
                    state.Timer.End();
                }

                isJudged = true;
                now = clock.GetTimestamp();
                exchange.UpstreamTicks = clock.GetElapsedTime(began, now).Ticks;
                if (result.Response is { } response)
                {
                    await using (response)
                    {
                        return await RespondAsync(exchange, view, destination, state, response, now, ticket);
                    }
                }

                // 5. No response: who is to blame, and is another try safe?
                var (blamed, cause) = Attribute(exchange, state, result);
                destination.Report(ForwardOutcome.Of(blamed, 0), now, ticket);
                if (!MayRetry(blamed, state.Request, view.Options, retries) || clock.GetElapsedTime(began, now) >= total || !cluster.TryTakeRetry(now, view.Options.RetryBudget))
                {
                    return Refuse(blamed, cause);
                }
            }
            finally
            {
                // A bug in a transport must not leave a circuit waiting for its probe for ever.
                if (!isJudged) destination.Report(TryOutcome.Unknown, clock.GetTimestamp(), ticket);
                destination.Leave();
            }

            state.Timer.Reset();
        }
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<Verdict> RespondAsync(Exchange exchange, ClusterView view, Destination destination, ForwardState state, UpstreamResponse response, long now, long ticket)
    {
        // 6. The destination is judged by its head at once where its circuit waits for word of this try, else with the whole response.
        var outcome = ForwardOutcome.Of(ForwardError.None, response.StatusCode);
        var isReported = ticket != CircuitBreaker.NoTicket;
        if (isReported) destination.Report(outcome, now, ticket);
        var final = TryOutcome.Unknown;
        try
        {
            // 7. Status and end-to-end fields.
            exchange.StatusCode = response.StatusCode;
            response.CopyFieldsTo(exchange.ResponseHeaders);
            OwnCookieFields.RemoveSettings(exchange.ResponseHeaders);
            SetAffinity(exchange, view, destination);

            if (IsUpgraded(state.Request, destination, response))
            {
                final = outcome;
                return await UpgradeAsync(exchange, view, state, response);
            }

            // RFC 9110 §8.6: no Content-Length with 204.
            var hasTrailers = exchange.Features.Get<IHttpResponseTrailersFeature>();
            if (response.StatusCode == StatusCodes.Status204NoContent) exchange.ResponseHeaders.ContentLength = null;
            if (hasTrailers is null) exchange.ResponseHeaders.Remove("Trailer");

            // 8. Response policies; each may still refuse.
            var verdict = exchange.PrepareResponse();
            if (verdict.IsRefusal)
            {
                final = outcome;
                return verdict;
            }

            // 9. The body. HEAD, 204 and 304 have none (RFC 9110 §6.4.1).
            if (exchange.Method != "HEAD" && response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
            {
                var held = exchange.Inspection is { WantsResponseBody: true } inspection ? inspection.HoldBack(exchange) : null;
                var copy = await response.CopyBodyAsync(held ?? exchange.ResponseBody, view.Options.IdleTimeout, exchange.Aborted);
                if (held is not null)
                {
                    // Judged by the rules before any of it was sent, or up to where they look.
                    if (copy.Error == ForwardError.None) await held.FinishAsync();
                    if (held.Verdict.IsRefusal)
                    {
                        final = outcome;
                        return held.Verdict;
                    }

                    if (held.HoldsBack) copy = copy with { Bytes = 0 };
                }

                exchange.ResponseBytes = copy.Bytes;
                if (copy.Error != ForwardError.None)
                {
                    // An upstream that waits for a client's body has a right to be silent.
                    if (copy.Error == ForwardError.ResponseIdle && state.Body.IsAwaited) copy = copy with { Error = ForwardError.RequestTimeout };
                    final = ForwardOutcome.Of(copy.Error, 0);
                    return Break(exchange, copy);
                }
            }

            final = outcome;

            // 10. Trailer fields, where the client's protocol has them (RFC 9110 §6.5).
            if (hasTrailers is not null && response.MayHaveTrailers)
            {
                response.CopyTrailersTo(hasTrailers.Trailers);
                exchange.PrepareTrailers(hasTrailers.Trailers);
            }

            // 11. The end.
            await exchange.ResponseBodyFeature.CompleteAsync();
            return Verdict.Responded;
        }
        finally
        {
            if (!isReported || (final == TryOutcome.Failure && outcome == TryOutcome.Success)) destination.Report(final, clock.GetTimestamp(), ticket);
        }
    }

    /// <summary>12. A granted upgrade: octets both ways until one side ends (RFC 9110 §7.8, RFC 8441).</summary>
    private async ValueTask<Verdict> UpgradeAsync(Exchange exchange, ClusterView view, ForwardState state, UpstreamResponse response)
    {
        if (!WebSocketUpgrade.AdaptResponse(exchange, state)) return Refuse(ForwardError.Upgrade, "the upstream's Sec-WebSocket-Accept is wrong");
        var verdict = exchange.PrepareResponse();
        if (verdict.IsRefusal) return verdict;

        var client = await WebSocketUpgrade.AcceptAsync(exchange);
        var copy = await Tunnel.RunAsync(client, response.UpgradedStream, view.Options.IdleTimeout, clock, exchange.Aborted);
        exchange.ResponseBytes = copy.Bytes;
        return copy.Error is ForwardError.None ? Verdict.Responded : Break(exchange, copy);
    }

    /// <summary>The response broke off. What has begun can't be taken back, so the client must see that it is not whole.</summary>
    private static Verdict Break(Exchange exchange, CopyResult copy)
    {
        var row = ForwardErrors.Of(copy.Error);
        if (!exchange.HasStarted && copy.Bytes == 0) return Verdict.Refuse(row.Code, copy.Cause);
        exchange.Fail(row.Code, copy.Cause);
        exchange.Abort();
        return Verdict.Responded;
    }

    /// <summary>Reads a body to be copied within the client's time. False: the client is to blame that it could not be read.</summary>
    private static async ValueTask<bool> OfferAsync(MirrorTarget mirror, Exchange exchange, ForwardState state)
    {
        state.Timer.Begin(Timeout.InfiniteTimeSpan, exchange.Aborted);
        try
        {
            await mirror.OfferAsync(exchange, state.Request, state.Timer.Token);
            return true;
        }
        catch (Exception e) when (state.Body.Failure != ForwardError.None && e is IOException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            state.Timer.End();
            state.Timer.Reset();
        }
    }

    /// <summary>A client that went or sent nonsense looks like a broken upstream at first; it is not.</summary>
    private static (ForwardError Error, string? Cause) Attribute(Exchange exchange, ForwardState state, in UpstreamResult result)
    {
        if (state.Body.Failure != ForwardError.None) return (state.Body.Failure, state.Body.Cause);
        return exchange.Aborted.IsCancellationRequested ? (ForwardError.ClientAborted, "the client closed the connection") : (result.Error, result.Cause);
    }

    /// <summary>RFC 9110 §9.2.2: only what was not sent, or does the same when done twice.</summary>
    private static bool MayRetry(ForwardError error, UpstreamRequest request, ClusterOptions options, int retries)
    {
        if (retries >= options.Retries || request.BodyStarted) return false;
        return ForwardErrors.Of(error).Retry switch
        {
            RetrySafety.Always => true,
            RetrySafety.IfIdempotent => request.Upgrade is null && Idempotency.IsIdempotent(request.Method),
            _ => false,
        };
    }

    private static bool IsUpgraded(UpstreamRequest request, Destination destination, UpstreamResponse response)
        => request.Upgrade is not null
        && (response.StatusCode == StatusCodes.Status101SwitchingProtocols
            || (destination.Endpoint.Protocol == UpstreamProtocol.Http2 && response.StatusCode is >= 200 and < 300));

    private static Destination? Enter(Exchange exchange, ClusterView view, ForwardState state, long now, out long ticket, out ForwardError error)
    {
        var options = view.Options;
        var affinity = options.Affinity is { } cookie ? Cookies.Find(exchange.RequestHeaders.Cookie, cookie.Cookie) : default;
        var hash = options.Balance == Balance.Hash ? RequestKey.Hash(exchange, options.Hash) : 0;
        return view.Enter(affinity, hash, ref state.Tried, now, out ticket, out error);
    }

    /// <summary>Tells the client which destination it belongs to, unless it says so itself.</summary>
    private static void SetAffinity(Exchange exchange, ClusterView view, Destination destination)
    {
        if (view.Options.Affinity is not { } affinity) return;
        if (Cookies.Find(exchange.RequestHeaders.Cookie, affinity.Cookie).SequenceEqual(destination.AffinityId)) return;
        var secure = exchange.Scheme == "https" ? "; Secure" : string.Empty;
        exchange.ResponseHeaders.Append("Set-Cookie", $"{affinity.Cookie}={destination.AffinityId}; Path=/; HttpOnly; SameSite=Lax{secure}");
    }

    private static Verdict Refuse(ForwardError error, string? cause)
        => Verdict.Refuse(ForwardErrors.Of(error).Code, cause is null ? error.ToString() : $"{error}: {cause}");

    private readonly struct Rental(ForwardStatePool states, ForwardState state) : IDisposable
    {
        public void Dispose() => states.Return(state);
    }

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>By weight; a client that has an affinity cookie of one arm stays with it.</summary>
    private Cluster ChooseArm(Exchange exchange)
    {
        if (arms.Length == 1) return arms[0].Cluster;
        foreach (var arm in arms)
        {
            if (arm.Cluster.View is not { Options.Affinity: { } affinity } view) continue;
            if (view.FindAffine(Cookies.Find(exchange.RequestHeaders.Cookie, affinity.Cookie)) is not null) return arm.Cluster;
        }

        var point = Random.Shared.Next(arms[^1].UpTo);
        foreach (var arm in arms)
        {
            if (point < arm.UpTo) return arm.Cluster;
        }

        return arms[^1].Cluster;
    }
}
