using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// The gateway's own HTTP/1.1 client for one destination: pooled connections, strict reading of responses, no thread
/// blocked and nothing handed to another thread that can be done on this one. Thread safe.
/// </summary>
internal sealed class Http1Transport : IUpstreamTransport
{
    private readonly UpstreamEndpoint endpoint;
    private readonly SslClientAuthenticationOptions? tls;
    private readonly ConnectionPool pool;

    public Http1Transport(UpstreamEndpoint endpoint)
    {
        this.endpoint = endpoint;
        pool = new ConnectionPool(endpoint.Connections, endpoint.Clock);
        if (!endpoint.IsTls)
            return;

        // One for all connections: that lets the platform resume their sessions.
        tls = endpoint.Tls.Handshake(endpoint.Url.IdnHost, SslApplicationProtocol.Http11);
    }

    /// <summary>Connections that are open or being opened, for metrics.</summary>
    public int OpenConnections => pool.Open;

    /// <summary>Open connections that carry no exchange, for metrics.</summary>
    public int IdleConnections => pool.Idle;

    /// <inheritdoc />
    public ValueTask<UpstreamResult> SendAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        while (pool.TryTakeIdle() is { } connection)
        {
            if (pool.IsUsable(connection)) return ExchangeAsync(request, connection, reused: true, cancellationToken);
            pool.Discard(connection);
        }

        return AcquireAndExchangeAsync(request, fresh: false, cancellationToken);
    }

    /// <summary>Closes idle connections and completes when the exchanges under way have ended.</summary>
    public ValueTask DisposeAsync() => pool.DisposeAsync();

    private async ValueTask<UpstreamResult> AcquireAndExchangeAsync(UpstreamRequest request, bool fresh, CancellationToken cancellationToken)
    {
        while (true)
        {
            var ticket = await pool.AcquireAsync(fresh, cancellationToken);
            if (ticket.Refusal is { } refusal)
                return UpstreamResult.Failed(ForwardError.PoolExhausted, $"{endpoint.Authority}: {refusal}");

            if (ticket.Connection is { } idle)
            {
                if (pool.IsUsable(idle)) return await ExchangeAsync(request, idle, reused: true, cancellationToken);
                pool.Discard(idle);
                continue;
            }

            var opened = await OpenInSlotAsync(cancellationToken);
            if (opened.Connection is not { } connection)
            {
                pool.ReleaseSlot();
                return UpstreamResult.Failed(opened.Error, opened.Cause!);
            }

            pool.Add(connection);
            return await ExchangeAsync(request, connection, reused: false, cancellationToken);
        }
    }

    /// <exception cref="InvalidOperationException">The request is not what <see cref="UpstreamRequest"/> promises; nothing was sent.</exception>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamResult> ExchangeAsync(UpstreamRequest request, Http1Connection connection, bool reused, CancellationToken cancellationToken)
    {
        var exchange = connection.Exchange;
        if (exchange.Prepare(request) is { } wrong)
        {
            exchange.Forget();
            pool.GiveBack(connection);
            throw new InvalidOperationException($"A request to an upstream was not sent: {wrong}.");
        }

        ExchangeResult result;
        try
        {
            result = await exchange.RunAsync(reused, cancellationToken);
        }
        catch
        {
            // What fails in a way that nobody foresaw must not keep its place in the pool: it would be lost for good.
            connection.End(EndReason.Done);
            await exchange.Sender.StopAsync();
            exchange.Forget();
            pool.Discard(connection);
            throw;
        }

        if (result.Error == ForwardError.None)
            return UpstreamResult.From(new Http1Response(exchange, pool));

        exchange.Forget();
        pool.Discard(connection);

        // Once: on a fresh connection nothing is stale.
        return result.RetryOnFresh
            ? await AcquireAndExchangeAsync(request, fresh: true, cancellationToken)
            : UpstreamResult.Failed(result.Error, $"{endpoint.Authority}: {result.Cause}");
    }

    private async ValueTask<OpenResult> OpenInSlotAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(cancellationToken);
        }
        catch
        {
            pool.ReleaseSlot();
            throw;
        }
    }

    private async ValueTask<OpenResult> OpenAsync(CancellationToken cancellationToken)
    {
        pool.Clock.Refresh();
        using var deadline = new CancellationTokenSource(endpoint.Connections.ConnectTimeout, endpoint.Clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var connected = await endpoint.Connector.ConnectAsync(linked.Token);
        if (connected.Socket is not { } socket)
            return new(null, connected.Error, connected.Cause);
        if (tls is null)
            return new(new Http1Connection(socket, pool.Clock), ForwardError.None, null);

        var network = new LoopStream(socket) { ResumesInPool = true };
        var stream = new SslStream(network);
        try
        {
            await PoolTurn.TakeAsync();
            await stream.AuthenticateAsClientAsync(tls, linked.Token);
            network.ResumesInPool = false;
            return new(new Http1Connection(socket, pool.Clock, stream, network), ForwardError.None, null);
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            await stream.DisposeAsync();
            return e is OperationCanceledException
                ? new(null, ForwardError.Connect, $"{endpoint.Authority}: no TLS handshake in time")
                : new(null, ForwardError.Tls, $"{endpoint.Authority}: {CauseOf(e)}");
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    // The inner exception is the TLS library's own word.
    private static string CauseOf(Exception e) => e is AuthenticationException && e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;

    private readonly record struct OpenResult(Http1Connection? Connection, ForwardError Error, string? Cause);
}
