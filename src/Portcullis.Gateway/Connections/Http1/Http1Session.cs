using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// Serves the HTTP/1.1 requests of one client's connection, one after the other (RFC 9112). What is malformed or ambiguous is refused and
/// ends the connection: nothing behind it is read.
/// </summary>
internal abstract class Http1Session : IDisposable
{
    // What is thrown away of a body that nobody read, so that the connection can go on.
    private const int MostDrained = 256 * 1024;

    /// <summary>How long a client is waited for that is to see a last response before its connection ends.</summary>
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(2);

    private readonly Http1Sessions sessions;
    private readonly RequestParser parser = new();
    private readonly CancellationTokenSource aborted = new();
    private readonly SessionTimer timer;
    private ReceiveBuffer input;
    private bool isLast;
    private int wasAborted;

    protected Http1Session(Http1Sessions sessions, Wire wire, ClientConnection client, ConnectionFeatures features)
    {
        this.sessions = sessions;
        Wire = wire;
        Client = client;
        Features = features;
        timer = new SessionTimer(this, sessions.Clock);
        Writer = new ResponseWriter(this);
        Body = new RequestBody(this);
        wire.Socket.WhenEnded = timer.NoteEnd;
    }

    public Wire Wire { get; }

    public ClientConnection Client { get; }

    /// <summary>What there is to know of the connection.</summary>
    public ConnectionFeatures Features { get; }

    public RequestParser Parser => parser;

    public ResponseWriter Writer { get; }

    public RequestBody Body { get; }

    /// <summary>The request that is served, or was last.</summary>
    public abstract ClientRequest Request { get; }

    /// <summary>What has been received and not yet been used.</summary>
    public ref ReceiveBuffer Input => ref input;

    /// <summary>Place in the set; kept by it.</summary>
    public int Index { get; set; }

    public SessionTimer Timer => timer;

    public DateField Date => sessions.Date;

    /// <summary>Fires when the client is gone or the connection is given up.</summary>
    public CancellationToken Aborted => aborted.Token;

    public bool IsAborted => Volatile.Read(ref wasAborted) != 0;

    /// <summary>Whether the connection ends with the response that is under way.</summary>
    public bool IsLast => isLast || sessions.IsStopping;

    /// <summary>Serves until the connection ends. Never throws.</summary>
    /// <param name="early">Octets that were received before.</param>
    public async Task RunAsync(ReadOnlyMemory<byte> early)
    {
        try
        {
            if (!early.IsEmpty) Take(early.Span);
            while (await ReadHeadAsync() && await ServeAsync())
            {
            }
        }
        catch (Exception e) when (IsBroken(e))
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

    public void Dispose()
    {
        Wire.Dispose();
        aborted.Dispose();
    }

    /// <summary>Gives the connection up: what was not whole does not look it. From any thread.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref wasAborted, 1) != 0) return;
        Wire.Abort();

        // What was waiting for it goes on elsewhere: whoever aborts may hold a lock or have other sessions to look after.
        ThreadPool.UnsafeQueueUserWorkItem(static session => session.TellAborted(), this, preferLocal: false);
    }

    /// <summary>The connection ends with the response that is under way.</summary>
    public void EndAfterResponse() => isLast = true;

    /// <summary>Whether an exception is a broken connection, in the forms that sockets and TLS streams throw.</summary>
    public static bool IsBroken(Exception e) => e is SocketException or IOException or ObjectDisposedException or OperationCanceledException;

    /// <summary>The client is to take so many octets at the least rate, or is given up.</summary>
    public void ArmSending(int octets) => timer.AwaitSending(octets, Limits.MinimumResponseRate);

    /// <summary>Receives more of a body.</summary>
    /// <returns>0 at the end of the stream.</returns>
    public async ValueTask<int> ReceiveBodyAsync(int mostHeld)
    {
        var receiving = Wire.ReceiveAsync(input.Room(mostHeld));
        var waits = !receiving.IsCompleted;
        if (waits) timer.AwaitBody(Limits.MinimumBodyRate);
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

    /// <summary>Tells a client that waits for it to send its body (RFC 9110 §10.1.1).</summary>
    public async ValueTask GoAheadAsync()
    {
        if (!Request.TakeExpectation() || Writer.HasStarted) return;
        await Wire.SendAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
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

    /// <summary>Runs the application for the request that has been read.</summary>
    /// <returns>What it threw.</returns>
    protected abstract ValueTask<Exception?> ProcessAsync();

    /// <summary>Lets the application close its books on the request, after the response has left.</summary>
    protected abstract void EndRequest(Exception? failure);

    private Configuration.ListenerLimits Limits => sessions.Limits;

    private void Take(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(input.Room(octets.Length, octets.Length + 1).Span);
        input.Commit(octets.Length);
    }

    /// <summary>Reads the next head. False: there is none, and whatever was to be answered has been.</summary>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadHeadAsync()
    {
        var limits = RequestLimits.Of(Limits);
        var began = false;
        parser.Begin();
        timer.AwaitRequest(Limits.KeepAliveTimeout);
        while (true)
        {
            if (input.Length > 0)
            {
                var step = parser.Read(input.Span, limits, out var consumed);
                input.Consume(consumed);
                if (step == ParseStep.Invalid) return await RefuseAsync(parser.Status, parser.Error);
                if (step == ParseStep.Head) break;
            }

            if (parser.HasBegun && !began)
            {
                began = true;
                timer.AwaitHead(Limits.HeaderTimeout);
            }

            try
            {
                if (input.Length == 0)
                {
                    // An idle connection holds no memory.
                    input.Release(abandon: false);
                    if (sessions.IsStopping && !began) return false;
                    await Wire.WaitForInputAsync();
                }

                var length = await Wire.ReceiveAsync(input.Room(limits.Most));
                if (length == 0) return false;
                input.Commit(length);
            }
            catch (OperationCanceledException) when (!IsAborted)
            {
                if (timer.IsHeadLate) return await RefuseAsync(StatusCodes.Status408RequestTimeout, "the request's head took too long to arrive");
                if (timer.IsIdle || (sessions.IsStopping && !parser.HasBegun)) return false;

                // Else it was meant for the request before, and not in time.
            }
        }

        timer.EndWait();
        if (Frame() is { } defect) return await RefuseAsync(defect.Status, defect.Cause);
        return true;
    }

    /// <summary>Finds where the request ends (RFC 9112 §6.3); what leaves a doubt about it is refused.</summary>
    private RequestDefect? Frame()
    {
        var fields = parser.Fields;
        if (RequestHeaderRules.CheckMessage(fields, parser.Method, parser.IsHttp11) is { } defect) return defect;
        var isChunked = parser.HasCoding;
        Body.Begin(isChunked ? null : fields.ContentLength ?? 0, Limits.BodyBytes);
        isLast = ConnectionField.Names(fields.Connection, "close") || (!parser.IsHttp11 && !ConnectionField.Names(fields.Connection, "keep-alive"));
        return null;
    }

    /// <summary>Serves the request that has been read. False: it was the last.</summary>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ServeAsync()
    {
        Writer.Begin();
        Request.Begin();
        var failure = await ProcessAsync();
        try
        {
            if (failure is not null && !await AnswerFailureAsync(failure)) return false;
            if (IsAborted) return false;
            if (Request.HasStartingCallbacks && !Writer.HasStarted) await Request.FireStartingAsync();
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
            EndRequest(failure);
            Request.Forget();
        }

        if (IsAborted) return false;
        if (Request.IsUpgraded)
        {
            await CloseAsync();
            return false;
        }

        if (!Body.IsConsumed && !await DrainAsync())
        {
            await CloseAsync();
            return false;
        }

        Body.Release();
        if (!Request.KeepsConnection)
        {
            await CloseAsync();
            return false;
        }

        return true;
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

        if (Writer.HasStarted || IsBroken(failure))
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

    /// <summary>Answers what could not become a request, and ends the connection. Always false.</summary>
    private async ValueTask<bool> RefuseAsync(int status, string cause)
    {
        timer.EndWait();
        Request.BeginRefused();
        Writer.Release();
        var reply = Refusal.Make(sessions, this, status, cause);
        await Wire.SendAsync(Refusal.Write(status, reply, Date, withoutBody: HttpMethods.IsHead(parser.Method)));
        await CloseAsync();
        return false;
    }

    /// <summary>
    /// Ends the connection so that the client sees the last response: a reset, which unread octets would cause, may overtake it (RFC 9112 §9.6).
    /// </summary>
    private async ValueTask CloseAsync()
    {
        timer.AwaitDrain(CloseGrace);
        try
        {
            await Wire.EndSendingAsync();
            while (true)
            {
                input.Release(abandon: false);
                await Wire.WaitForInputAsync();
                if (await Wire.ReceiveAsync(input.Room(MostDrained)) == 0) return;
            }
        }
        catch (OperationCanceledException)
        {
            // In its own time.
        }
        finally
        {
            timer.EndWait();
        }
    }

    private void TellAborted()
    {
        try
        {
            aborted.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The session has ended meanwhile, and nobody waits for it.
        }
    }

    private void Release()
    {
        timer.Suspend();
        sessions.Remove(this);
        input.Release(abandon: false);
        Body.Release();
        Writer.Release();
        parser.Fields.Trim();
        Volatile.Write(ref wasAborted, 1);
    }
}
