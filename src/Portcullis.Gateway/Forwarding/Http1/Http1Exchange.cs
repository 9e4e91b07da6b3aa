using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>One request and its response over one connection; reused with the connection.</summary>
internal sealed class Http1Exchange
{
    private readonly Http1Connection connection;
    private UpstreamRequest request = null!;
    private bool anyReceived;

    public Http1Exchange(Http1Connection connection)
    {
        this.connection = connection;
        Sender = new RequestSender(connection);
        Copier = new BodyCopier(this);
    }

    public Http1Connection Connection => connection;

    public ResponseParser Parser { get; } = new();

    public RequestSender Sender { get; }

    public BodyCopier Copier { get; }

    /// <summary>Whether the connection may carry another exchange.</summary>
    public bool LeavesCleanConnection =>
        Parser.KeepsAlive && Parser.Complete && Sender.Complete && connection.Buffered.IsEmpty && !connection.MayHoldMore && connection.Reason == EndReason.None;

    /// <summary>Makes the request's head.</summary>
    /// <returns>Null, or what is wrong with the request; nothing was sent then.</returns>
    public string? Prepare(UpstreamRequest next)
    {
        request = next;
        anyReceived = false;
        Parser.Begin(next.Method == "HEAD", next.Upgrade is not null);
        return Sender.Prepare(next);
    }

    /// <summary>Sends the prepared request and waits for the final response head.</summary>
    /// <param name="reused">The connection carried an exchange before, and so may be stale.</param>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeResult> RunAsync(bool reused, CancellationToken cancellationToken)
    {
        var step = ParseStep.NeedMore;
        string? broken = null;
        using (cancellationToken.UnsafeRegister(static state => ((Http1Connection)state!).End(EndReason.Cancelled), connection))
        {
            await Sender.StartAsync();
            var ended = Sender.NothingSent || Sender.ClientFailed;
            try
            {
                while (!ended && (step = ReadHead()) == ParseStep.NeedMore)
                {
                    int length;
                    if (connection.IsPlain)
                    {
                        while ((length = connection.TryReceive()) < 0) await connection.WaitForInputAsync();
                    }
                    else
                    {
                        length = await connection.ReceiveAsync();
                        connection.Received(length);
                    }

                    ended = length == 0;
                    anyReceived |= !ended;
                }
            }
            catch (Exception e) when (BrokenConnection.Is(e))
            {
                step = ParseStep.NeedMore;
                broken = e.Message;
                connection.Received(0);
            }
        }

        if (step == ParseStep.Head && connection.Reason == EndReason.None && !Sender.ClientFailed && IsAnswer())
        {
            // An upstream that has refused the request needs no more of it; one that answers as it reads (2xx) does.
            if (Parser.StatusCode >= 300 && !Sender.Complete) await Sender.StopAsync();
            return default;
        }

        var result = Explain(step, reused, broken);
        connection.End(EndReason.Done);
        await Sender.StopAsync();
        return result;
    }

    /// <summary>Ends whatever still runs of an exchange that did not leave a clean connection at once.</summary>
    public async ValueTask FinishAsync()
    {
        if (Parser.Complete && Parser.KeepsAlive && Sender.IsEnding)
            await Sender.AwaitEndAsync();
        if (!LeavesCleanConnection)
            connection.End(EndReason.Done);
        if (!Sender.Complete)
            await Sender.StopAsync();
    }

    /// <summary>Forgets the request and what must not outlive it.</summary>
    public void Forget()
    {
        request = null!;
        Parser.Trim();
        Sender.Forget();
        connection.ReleaseBuffer();
    }

    /// <summary>Reads what has been received, past interim responses, up to the final response's head.</summary>
    private ParseStep ReadHead()
    {
        while (true)
        {
            var step = Parser.ReadHead(connection.Buffered, out var consumed);
            connection.Consume(consumed);
            if (step != ParseStep.Interim) return step;
            if (Parser.InterimStatusCode == 100) Sender.GoAhead();
        }
    }

    // RFC 9110 §7.8: 101 names the protocol, which is one that the request named.
    private bool IsAnswer()
    {
        if (Parser.Framing != BodyFraming.Upgraded)
            return true;

        var granted = 0;
        foreach (var protocol in Parser.Fields.Upgrade)
            granted = granted == 0 && string.Equals(protocol, request.Upgrade, StringComparison.OrdinalIgnoreCase) ? 1 : 2;

        return Parser.ConnectionUpgrades && granted == 1;
    }

    private ExchangeResult Explain(ParseStep step, bool reused, string? broken)
    {
        if (Sender.ClientFailed)
            return new(Sender.Error, Sender.Cause, RetryOnFresh: false);
        if (connection.Reason == EndReason.Cancelled)
            return new(ForwardError.Timeout, "cancelled before the response head", RetryOnFresh: false);
        if (step == ParseStep.Invalid)
            return new(ForwardError.InvalidResponse, Parser.Error, RetryOnFresh: false);
        if (step == ParseStep.Head)
            return new(ForwardError.Upgrade, "the upstream upgraded to another protocol than was asked for", RetryOnFresh: false);
        if (anyReceived)
            return new(ForwardError.NoResponse, broken ?? "the connection ended within the response head", RetryOnFresh: false);

        broken ??= Sender.Cause ?? "the connection ended before the response";
        if (reused)
            return new(ForwardError.StaleConnection, broken, RetryOnFresh: !request.BodyStarted && (Sender.NothingSent || Idempotency.IsIdempotent(request.Method)));
        return new(Sender.Error == ForwardError.Send ? ForwardError.Send : ForwardError.NoResponse, broken, RetryOnFresh: false);
    }
}
