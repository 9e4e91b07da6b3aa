using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// A stream: one request and its response (RFC 9113 §5, §8.1). Reused for another of its connection, unless it was reset: whatever still
/// refers to it then finds no other request.
/// </summary>
#pragma warning disable CA1001 // The source has no timer and is linked to nothing: there is nothing to dispose.
internal abstract class Http2Stream : ClientRequest, IHttpResponseTrailersFeature, IHttpExtendedConnectFeature
#pragma warning restore CA1001
{
    private readonly Http2Session session;
    private readonly StreamBody body;
    private readonly StreamWriter writer;
    private readonly CancellationTokenSource aborted = new();
    private readonly FieldTable responseTrailers = new();
    private readonly Action afterProcessing;
    private ConfiguredValueTaskAwaitable<Verdict>.ConfiguredValueTaskAwaiter processing;
    private Exception? failure;

    protected Http2Stream(Http2Session session)
    {
        this.session = session;
        Head = new HeadReader();
        body = new StreamBody(session, this);
        writer = new StreamWriter(session, this);
        afterProcessing = AfterProcessing;
    }

    public int Id { get; private set; }

    /// <summary>The fields that opened it.</summary>
    public HeadReader Head { get; }

    public StreamBody Body => body;

    public StreamWriter Sender => writer;

    /// <summary>Octets of DATA that the client takes; under the session's lock.</summary>
    public long SendWindow { get; set; }

    /// <summary>Whether the client has ended its half; under the session's lock.</summary>
    public bool IsRemoteEnded { get; set; }

    /// <summary>Whether our half has ended; under the session's lock.</summary>
    public bool IsLocalEnded { get; set; }

    /// <summary>Whether both halves have; under the session's lock.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether the application is done with it; under the session's lock.</summary>
    public bool IsProcessed { get; set; }

    /// <summary>Whether the client waited to be told to send its body, and was answered instead (RFC 9110 §10.1.1).</summary>
    public bool IsUntold { get; set; }

    /// <summary>When it is cut that goes on being sent although it is answered; under the session's lock.</summary>
    public long DrainUntil { get; set; }

    /// <summary>Whether the rest of its body may come although it is answered: clients are surprised by a reset, and some take the answer for lost.</summary>
    public bool MayDrain => !IsUntold && body.MayDrain;

    /// <summary>Octets of its body that were thrown away; the reader's.</summary>
    public long Dropped { get; set; }

    /// <summary>Whether it was broken off by either side, or its connection was.</summary>
    public bool IsReset { get; set; }

    /// <summary>Whether a request is in work; under the session's lock.</summary>
    public bool IsLive { get; set; }

    /// <summary>Whether somebody may still come to tell it something, so that it must not be used again; under the session's lock.</summary>
    public bool IsSpent { get; set; }

    /// <summary>Whether it ended by our doing, while the client may still be sending; under the session's lock.</summary>
    public bool IsCut { get; set; }

    /// <summary>Why it can't become a request; null: it can.</summary>
    public RequestDefect? Defect { get; set; }

    /// <summary>What the client is told at the end about what it sent; none: nothing was wrong with it.</summary>
    public ErrorCode Complaint { get; set; }

    public override FieldTable RequestFields => Head.Fields;

    public override string Version => "HTTP/2";

    public FieldTable ResponseTrailers => responseTrailers;

    public bool HasTrailers => responseTrailers.Count > 0;

    /// <summary>Whether the response can have a body; known once it has started.</summary>
    public bool HasResponseBody { get; private set; }

    IHeaderDictionary IHttpResponseTrailersFeature.Trailers
    {
        get => responseTrailers;
        set => throw new NotSupportedException();
    }

    bool IHttpExtendedConnectFeature.IsExtendedConnect => Head.Protocol is not null;

    string? IHttpExtendedConnectFeature.Protocol => Head.Protocol;

    protected override string SentMethod => Head.Method;

    protected override string SentTarget => Head.Path;

    protected override ClientConnection Client => session.Client;

    protected override ConnectionFeatures Facts => session.Features;

    protected override RequestContent Content => body;

    protected override ResponseContent Response => writer;

    protected override CancellationToken Aborted => aborted.Token;

    protected override bool KnowsContinue => true;

    /// <summary>Prepares for the request of a new stream, whose fields are read next.</summary>
    public void Open(int id, int sendWindow)
    {
        Id = id;
        SendWindow = sendWindow;
        IsRemoteEnded = IsLocalEnded = IsClosed = IsProcessed = IsReset = IsCut = IsUntold = HasResponseBody = false;
        Dropped = 0;
        IsLive = true;
        Complaint = ErrorCode.NoError;
        failure = null;
        Head.Begin(session.Limits);
        writer.Begin();
    }

    /// <summary>Its fields have been read.</summary>
    /// <param name="isWhole">There is no body.</param>
    public void Prepare(bool isWhole)
    {
        IsRemoteEnded = isWhole;
        body.Begin(isWhole, Head.Fields.ContentLength, session.Limits.BodyBytes);
        Begin();
    }

    /// <summary>Serves the request until it has to wait; then goes on by itself. Never throws.</summary>
    public void Serve()
    {
        if (IsReset)
        {
            // Before anybody did anything for it.
            Forget();
            session.Streams.Return(this);
            return;
        }

        if (Defect is { } defect)
        {
            PutRefusal(defect.Status, defect.Cause);
            Finish();
            return;
        }

        try
        {
#pragma warning disable CA2012 // Awaited by hand, once: a method that waits for it would cost another level for each request.
            processing = ProcessAsync().ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception e)
        {
            failure = e;
            Finish();
            return;
        }

        if (processing.IsCompleted) AfterProcessing();
        else processing.UnsafeOnCompleted(afterProcessing);
    }

    public override void Abort() => session.Streams.Reset(this, ErrorCode.InternalError);

    public override void RequestClose() => session.BeginStop();

    /// <summary>Tells whoever works for the stream that it was broken off. What waited goes on elsewhere.</summary>
    public void TellReset() => ThreadPool.UnsafeQueueUserWorkItem(
        static stream =>
        {
            // First of all: what goes on here looks at it.
            stream.aborted.Cancel();
            stream.body.Break();
            if (stream.session.Output.Unblock(stream.writer)) StreamWriter.Release(stream.writer);
            stream.session.Output.FlushSoon();
        },
        this,
        preferLocal: false);

    /// <summary>The client did not send its body in time. Whoever reads it goes on elsewhere.</summary>
    public void FailBodyLater() => ThreadPool.UnsafeQueueUserWorkItem(
        static stream => stream.body.FailLate(),
        this,
        preferLocal: false);

    /// <summary>Decides whether the response has a body, and its length (RFC 9110 §6.4.1, §8.6).</summary>
    /// <param name="isWhole">What has been written is all.</param>
    /// <param name="written">Octets of body that have been written.</param>
    public void StartResponse(bool isWhole, int written)
    {
        if (StatusCode is < 200 or > 599) throw new InvalidOperationException($"A response can't have the status {StatusCode} (RFC 9110 §15).");
        HasResponseBody = Method != HttpMethods.Head && StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified);
        if (StatusCode == StatusCodes.Status204NoContent || IsUpgraded) ResponseFields.ContentLength = null;
        else if (isWhole && HasResponseBody && !HasTrailers) ResponseFields.ContentLength ??= written;
        StatedLength = ResponseFields.ContentLength ?? 0;
    }

    async ValueTask<Stream> IHttpExtendedConnectFeature.AcceptAsync()
    {
        if (Head.Protocol is null) throw new InvalidOperationException("The request is no extended CONNECT (RFC 8441).");
        if (HasStarted) throw new InvalidOperationException("The response has started.");
        IsUpgraded = true;
        body.Limit = null;
        await writer.FlushAsync();
        return new StreamTunnel(body, writer);
    }

    public override void Forget()
    {
        base.Forget();
        responseTrailers.Clear();
        Head.Forget();
    }

    private void AfterProcessing()
    {
        try
        {
#pragma warning disable VSTHRD002 // It is over.
            processing.GetResult();
#pragma warning restore VSTHRD002
        }
        catch (Exception e)
        {
            failure = e;
        }

        processing = default;
        Finish();
    }

    private void Finish()
    {
        _ = ObserveAsync(FinishAsync());

        static async Task ObserveAsync(ValueTask<bool> finishing) => await finishing;
    }

    /// <summary>Ends the response and closes the books on the request. Never throws.</summary>
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FinishAsync()
    {
        try
        {
            if (failure is not null) AnswerFailure(failure);
            if (!IsReset)
            {
                if (HasStartingCallbacks && !writer.HasStarted) await FireStartingAsync();
                await writer.FinishAsync();
            }
        }
        catch (InvalidOperationException e) when (!writer.HasStarted)
        {
            ConnectionLog.ResponseFailed(session.Logger, e, Client.Peer);
            failure = e;
            await FailAsync();
        }
        catch (Exception e)
        {
            // A response that is not what it said can't be taken back; the client must see that.
            if (!BrokenConnection.Is(e)) ConnectionLog.ConnectionFailed(session.Logger, e, Client.Peer);
            Abort();
        }

        await CloseBooksAsync();
        return true;
    }

    private async ValueTask FailAsync()
    {
        writer.Discard();
        Fail();
        responseTrailers.Clear();
        await writer.FinishAsync();
    }

    private async ValueTask CloseBooksAsync()
    {
        try
        {
            writer.Release();
            if (HasCompletedCallbacks) await EndAsync();
            EndProcessing(failure);
        }
        catch (Exception e)
        {
            ConnectionLog.ConnectionFailed(session.Logger, e, Client.Peer);
            Abort();
        }
        finally
        {
            Forget();
            session.Streams.Return(this);
        }
    }

    private void AnswerFailure(Exception e)
    {
        if (writer.HasStarted || (BrokenConnection.Is(e) && e is not BadHttpRequestException))
        {
            Abort();
            return;
        }

        writer.Discard();
        if (e is BadHttpRequestException bad) PutRefusal(bad.StatusCode, bad.Message);
        else Fail();
    }

    private void PutRefusal(int status, string cause)
    {
        Fail();
        StatusCode = status;
        var reply = Refusal.Make(session.Sessions, Client, this, status, cause, isHeadWhole: false);
        foreach (var (name, value) in reply.Fields) ResponseFields[name] = value;
        ResponseFields["Cache-Control"] = "no-store";
        if (reply.Body.IsEmpty) return;
        ResponseFields["Content-Type"] = "application/problem+json";
        reply.Body.Span.CopyTo(writer.GetSpan(reply.Body.Length));
        writer.Advance(reply.Body.Length);
    }
}
