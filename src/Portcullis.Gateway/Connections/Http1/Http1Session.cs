using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Forwarding.Http1;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// Serves the HTTP/1.1 requests of one client's connection, one after the other (RFC 9112). What is malformed or ambiguous is refused and
/// ends the connection: nothing behind it is read.
/// </summary>
internal sealed class Http1Session : ClientSession
{
    // What is thrown away of a body that nobody read, so that the connection can go on.
    private const int MostDrained = 256 * 1024;

    // Requests served in one go.
    private const int MostUnbroken = 32;

    /// <summary>How long a client is waited for that is to see a last response before its connection ends.</summary>
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(2);

    private readonly ClientSessions sessions;
    private readonly RequestParser parser = new();
    private readonly ClientAbort abort;
    private readonly SessionTimer timer;
    private ReceiveBuffer input;
    private RequestLimits limits;
    private Exception? failure;
    private int sinceWait = MostUnbroken - 1; // the first may run where connections are accepted
    private bool isLast;
    private bool isClosed;

    public Http1Session(ClientSessions sessions, Wire wire, ClientConnection client, ConnectionFeatures features)
        : base(wire, client, features)
    {
        this.sessions = sessions;
        abort = new ClientAbort(wire);
        timer = new SessionTimer(this, sessions.Clock);
        Output = new PacedSender(sessions, wire, timer);
        Writer = new ResponseWriter(this);
        Body = new RequestBody(this);
        Request = sessions.CreateRequest(this);
        wire.Socket.TellEnd(timer.NoteEnd);
    }

    public RequestParser Parser => parser;

    public PacedSender Output { get; }

    public ResponseWriter Writer { get; }

    public RequestBody Body { get; }

    /// <summary>The request that is served, or was last.</summary>
    public Http1Request Request { get; }

    /// <summary>What has been received and not yet been used.</summary>
    public ref ReceiveBuffer Input => ref input;

    public SessionTimer Timer => timer;

    public DateField Date => sessions.Date;

    /// <summary>Fires when the client is gone or the connection is given up.</summary>
    public CancellationToken Aborted => abort.Token;

    public bool IsAborted => abort.IsDone;

    /// <summary>Whether the connection ends with the response that is under way.</summary>
    public bool IsLast => isLast || sessions.IsStopping;

    public override async Task RunAsync(ReadOnlyMemory<byte> early)
    {
        try
        {
            if (!early.IsEmpty) Take(early.Span);
            await ServeAsync();
            if (!isClosed && !IsAborted) await Output.EndAsync();
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            // The client is gone.
        }
        catch (Exception e)
        {
            ConnectionLog.ConnectionFailed(sessions.Logger, e, Client.Peer);
            Abort();
        }
        finally
        {
            Release();
            Dispose();
        }
    }

    public override void Look(long now) => timer.Look(now);

    public override void BeginStop()
    {
        if (timer.AwaitsRequest) Wire.Socket.CancelReceive();
    }

    public override void Dispose()
    {
        Wire.Dispose();
        abort.Dispose();
    }

    public override void Abort() => abort.Abort();

    /// <summary>The connection ends with the response that is under way.</summary>
    public void EndAfterResponse() => isLast = true;

    /// <summary>Receives more of a body.</summary>
    /// <returns>0 at the end of the stream.</returns>
    public async ValueTask<int> ReceiveBodyAsync(int mostHeld)
    {
        var receiving = Wire.ReceiveAsync(input.Room(mostHeld));
        var waits = !receiving.IsCompleted;
        if (waits) timer.AwaitBody(sessions.Limits.MinimumBodyRate);
        try
        {
            var length = await receiving;
            input.Commit(length);
            timer.CountBody(length);
            return length;
        }
        finally
        {
            if (waits) timer.EndBodyWait();
        }
    }

    /// <summary>Lets the connection go over to another protocol: the stream is all that is left of it.</summary>
    public UpgradedClient Upgrade()
    {
        isLast = true;
        timer.Suspend();
        var upgraded = new UpgradedClient(Wire, input.Memory.ToArray());
        input.Release(abandon: false);
        return upgraded;
    }

    private void Take(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(input.Room(octets.Length, octets.Length + 1).Span);
        input.Commit(octets.Length);
    }

    /// <summary>Serves one request after another. The waits of a usual request are all in this method: each level of calls that waits costs.</summary>
    private async Task ServeAsync()
    {
        do
        {
            // 1. The head.
            ParseStep step;
            BeginHead();
            while ((step = TakeHead()) == ParseStep.NeedMore)
            {
                try
                {
                    if (input.Length == 0)
                    {
                        // An idle connection holds no memory.
                        input.Release(abandon: false);
                        if (sessions.IsStopping && !parser.HasBegun) return;
                        var waiting = Wire.WaitForInputAsync();
                        if (!waiting.IsCompleted) sinceWait = 0;
                        await waiting;
                    }

                    var length = await Wire.ReceiveAsync(input.Room(limits.Most));
                    if (length == 0) return;
                    input.Commit(length);
                }
                catch (OperationCanceledException) when (!IsAborted)
                {
                    // Else it was meant for the request before, and not in time.
                    if (timer.IsIdle || (sessions.IsStopping && !parser.HasBegun)) return;
                    if (timer.IsHeadLate)
                    {
                        step = parser.Refuse(StatusCodes.Status408RequestTimeout, "the request's head took too long to arrive");
                        break;
                    }
                }
            }

            timer.EndWait();
            var isHeadWhole = step == ParseStep.Head;
            if (isHeadWhole) step = Frame();
            if (step == ParseStep.Invalid)
            {
                // What judges a whole head may take longer than others are to wait.
                if (isHeadWhole) await PoolTurn.TakeAsync();
                await RefuseAsync(parser.Status, parser.Error, isHeadWhole);
                return;
            }

            // 2. A client that sends one request behind the other has the thread for some of them, and then others have their turn.
            if (++sinceWait > MostUnbroken)
            {
                sinceWait = 0;
                await PoolTurn.TakeAsync();
            }

            // 3. What the application makes of it.
            Writer.Begin();
            Request.Begin();
            failure = null;
            try
            {
                await Request.ProcessAsync();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }
        while (await FinishAsync());
    }

    private void BeginHead()
    {
        limits = RequestLimits.Of(sessions.Limits);
        parser.Begin();
        timer.AwaitRequest(sessions.Limits.KeepAliveTimeout);
    }

    private ParseStep TakeHead()
    {
        if (input.Length == 0) return ParseStep.NeedMore;
        var step = parser.Read(input.Span, limits, out var consumed);
        input.Consume(consumed);
        if (parser.HasBegun && timer.AwaitsRequest) timer.AwaitHead(sessions.Limits.HeaderTimeout);
        return step;
    }

    /// <summary>Finds where the request ends (RFC 9112 §6.3); what leaves a doubt about it is refused.</summary>
    private ParseStep Frame()
    {
        var fields = parser.Fields;
        if (RequestHeaderRules.CheckMessage(fields, parser.Method, parser.IsHttp11) is { } found) parser.Note(found);
        if (parser.Defect is { } defect)
        {
            Body.Begin(0, sessions.Limits.BodyBytes);
            return parser.Refuse(defect.Status, defect.Cause);
        }

        Body.Begin(parser.HasCoding ? null : fields.ContentLength ?? 0, sessions.Limits.BodyBytes);
        isLast = ConnectionField.Names(fields.Connection, "close") || (!parser.IsHttp11 && !ConnectionField.Names(fields.Connection, "keep-alive"));
        return ParseStep.Head;
    }

    /// <summary>Ends the response and closes the books on the request. False: it was the connection's last.</summary>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FinishAsync()
    {
        try
        {
            if (failure is not null && !await AnswerFailureAsync(failure)) return false;
            if (IsAborted) return false;
            if (Request.HasStartingCallbacks && !Writer.HasStarted) await Request.FireStartingAsync();
            await Writer.FinishAsync();
        }
        catch (InvalidOperationException e) when (!Writer.HasStarted)
        {
            ConnectionLog.ResponseFailed(sessions.Logger, e, Client.Peer);
            failure = e;
            Writer.Discard();
            Request.Fail();
            await Writer.FinishAsync();
        }
        catch (InvalidOperationException e)
        {
            // A response that is not what it said can't be taken back; the client must see that.
            ConnectionLog.ConnectionFailed(sessions.Logger, e, Client.Peer);
            Abort();
        }
        finally
        {
            Writer.Release();
            if (Request.HasCompletedCallbacks) await Request.EndAsync();
            Request.EndProcessing(failure);
            Request.Forget();
        }

        if (IsAborted) return false;
        if (!Request.IsUpgraded && (Body.IsConsumed || await DrainAsync()))
        {
            Body.Release();
            if (Request.KeepsConnection) return true;
        }

        await CloseAsync();
        return false;
    }

    /// <summary>False: the request has been answered, or can't be, and the connection is at its end.</summary>
    private async ValueTask<bool> AnswerFailureAsync(Exception failure)
    {
        if (failure is BadHttpRequestException bad && !Writer.HasStarted)
        {
            Writer.Discard();
            await RefuseAsync(bad.StatusCode, bad.Message);
            return false;
        }

        if (Writer.HasStarted || BrokenConnection.Is(failure))
        {
            Abort();
            return false;
        }

        Writer.Discard();
        Request.Fail();
        return true;
    }

    /// <summary>Throws away what is left of the body where that is little and soon there; else the next request can't be found.</summary>
    private async ValueTask<bool> DrainAsync()
    {
        if (Body.HasFailed || Request.ExpectsContinue) return false;
        timer.AwaitDrain(CloseGrace);
        try
        {
            await Body.DrainAsync(MostDrained);
            return Body.IsConsumed;
        }
        catch (Exception e) when (e is BadHttpRequestException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            timer.EndWait();
        }
    }

    /// <summary>Answers what could not become a request, and ends the connection.</summary>
    private async ValueTask RefuseAsync(int status, string cause, bool isHeadWhole = false)
    {
        timer.EndWait();
        Writer.Release();
        var reply = Refusal.Make(sessions, Client, Request, status, cause, isHeadWhole);
        // HTTP/0.9 has no status line (RFC 1945 §6): what its client reads is the resource, so a refusal must be nothing at all.
        if (!parser.IsHttp09) await Output.SendBriefAsync(Refusal.Write(status, reply, Date, withoutBody: HttpMethods.IsHead(parser.Method)));
        await CloseAsync();
    }

    /// <summary>
    /// Ends the connection so that the client sees the last response: a reset, which unread octets would cause, may overtake it (RFC 9112 §9.6).
    /// </summary>
    private async ValueTask CloseAsync()
    {
        isClosed = true;
        await Output.EndAsync();
        timer.AwaitDrain(CloseGrace);
        var sinceTurn = 0;
        while (!timer.IsDrainLate)
        {
            try
            {
                input.Release(abandon: false);
                await Wire.WaitForInputAsync();
                var length = await Wire.ReceiveAsync(input.Room(MostDrained));
                if (length == 0) break;
                sinceTurn += length;
                if (sinceTurn < PoolTurn.CopyLimit) continue;
                sinceTurn = 0;
                await PoolTurn.TakeAsync();
            }
            catch (OperationCanceledException) when (!IsAborted)
            {
                // By the timer, or by somebody who was not in time.
            }
        }

        timer.EndWait();
    }

    private void Release()
    {
        timer.Suspend();
        sessions.Remove(this);
        input.Release(abandon: false);
        Body.Release();
        Writer.Release();
        parser.Fields.Trim();
    }
}
