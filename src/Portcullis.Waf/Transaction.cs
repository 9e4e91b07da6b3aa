using System.Buffers;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf;

/// <summary>
/// One request and its response before the rules. Call the steps in their order: <see cref="Connection"/>, <see cref="RequestLine"/>, <see cref="RequestHeader"/>
/// for each field, <see cref="ProcessRequestHeaders"/>, <see cref="AppendRequestBody"/>, <see cref="ProcessRequestBody"/>, <see cref="ResponseStatus"/>,
/// <see cref="ResponseHeader"/>, <see cref="ProcessResponseHeaders"/>, <see cref="AppendResponseBody"/>, <see cref="ProcessResponseBody"/>, and always
/// <see cref="ProcessLogging"/>. Each Process step gives an interruption or null; after an interruption only logging is left. All spans are copied.
/// Comes from <see cref="RuleSet.Begin"/> and goes back by <see cref="Dispose"/>. Not safe for concurrent use.
/// </summary>
public sealed class Transaction : IDisposable
{
    /// <summary>What the values of one transaction may take, in bytes: this for each byte of a body that the limits allow, within the two bounds below. Beyond it is a fault.</summary>
    public const long MemoryPerBodyByte = 16;

    public const long MinimumMemoryLimit = 64L << 20;

    public const long MaximumMemoryLimit = 1L << 30;

    private readonly RuleSet owner;
    private readonly Evaluation evaluation;
    private readonly RequestBodyReader bodyReader;
    private readonly CollectedBody requestBody = new();
    private readonly CollectedBody responseBody = new();
    private Slice contentType;
    private bool isOpen;
    private bool isBodyRead;
    private bool isLogged;
    private bool isRunning;

    internal Transaction(RuleSet owner)
    {
        this.owner = owner;
        evaluation = new Evaluation(owner.Plan);
        bodyReader = new RequestBodyReader(evaluation);
    }

    /// <summary>The decision that ended the transaction; null while there is none.</summary>
    public Interruption? Interruption => evaluation.Interruption;

    /// <summary>In detection mode: the first decision that would have ended it.</summary>
    public Interruption? Suppressed => evaluation.Suppressed;

    /// <summary>The matches so far that rules want reported, in order. Valid until <see cref="Dispose"/>; copy to keep.</summary>
    public IReadOnlyList<RuleHit> Hits => evaluation.Hits.Hits;

    /// <summary>What went wrong in the engine itself, if anything.</summary>
    public EngineFault Fault => evaluation.FirstFault;

    /// <summary>Whether the request's body is wanted, after the first phase.</summary>
    public bool WantsRequestBody => evaluation.Mode != EngineMode.Off && evaluation.Interruption is null && evaluation.Bodies.ReadsRequest;

    /// <summary>Whether the response's body is wanted, after the third phase.</summary>
    public bool WantsResponseBody
        => evaluation.Mode != EngineMode.Off && evaluation.Interruption is null
            && evaluation.Settings.InspectsResponseBody != false && evaluation.Bodies.ReadsResponse && IsInspected(evaluation.Message.Text(Variable.ResponseContentType).Span);

    /// <summary>Bytes of the request's body that were looked at, and whether that was all of it.</summary>
    public (long Inspected, bool IsWhole) RequestBodyInspected => (requestBody.Length, !requestBody.IsCut);

    /// <summary>What was taken of the request's body, to be sent on. Valid until <see cref="Dispose"/>, and until more is appended.</summary>
    public ReadOnlyMemory<byte> RequestBody => requestBody.Memory;

    /// <summary>Bytes of the response's body that were looked at, and whether that was all of it.</summary>
    public (long Inspected, bool IsWhole) ResponseBodyInspected => (responseBody.Length, !responseBody.IsCut);

    /// <summary>
    /// Bytes of memory that the transaction holds until it is disposed, beyond what each has from the beginning and beyond the body itself: whoever runs many at once
    /// counts them, for the rules may make many times a body's size of it.
    /// </summary>
    public long MemoryHeld => evaluation.Arena.Held;

    /// <summary>The anomaly score of the request, as CRS and the built-in rules count it (TX:blocking_inbound_anomaly_score, in CRS 3 TX:anomaly_score).</summary>
    public long InboundScore => Score(owner.InboundScores);

    /// <summary>The anomaly score of the response.</summary>
    public long OutboundScore => Score(owner.OutboundScores);

    /// <summary>The client's and the server's address as text, and their ports.</summary>
    public void Connection(ReadOnlySpan<byte> clientAddress, int clientPort, ReadOnlySpan<byte> serverAddress, int serverPort)
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        var message = evaluation.Message;
        message.Set(Variable.RemoteAddr, clientAddress);
        message.Set(Variable.UseragentIp, message.Text(Variable.RemoteAddr));
        message.Set(Variable.RemoteHost, message.Text(Variable.RemoteAddr));
        message.Set(Variable.RemotePort, clientPort);
        message.Set(Variable.ServerAddr, serverAddress);
        message.Set(Variable.ServerPort, serverPort);
    }

    /// <summary>The request line as the client sent it. <paramref name="protocol"/> is for example <c>HTTP/1.1</c>.</summary>
    public void RequestLine(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, ReadOnlySpan<byte> protocol)
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        var message = evaluation.Message;
        var arena = evaluation.Arena;
        var line = arena.Reserve(method.Length + target.Length + protocol.Length + 2);
        method.CopyTo(line);
        line[method.Length] = (byte)' ';
        target.CopyTo(line[(method.Length + 1)..]);
        line[method.Length + target.Length + 1] = (byte)' ';
        protocol.CopyTo(line[(method.Length + target.Length + 2)..]);
        var whole = arena.Commit(line.Length);

        message.Set(Variable.RequestLine, whole);
        message.Set(Variable.RequestMethod, whole.Part(0, method.Length));
        message.Set(Variable.RequestProtocol, whole.Part(whole.Length - protocol.Length, protocol.Length));
        var uri = whole.Part(method.Length + 1, target.Length);
        message.Set(Variable.RequestUriRaw, uri);
        if (RequestTarget.Read(uri, message, arena) is { IsEmpty: false } query) bodyReader.ReadQuery(query);
    }

    /// <summary>One field line of the request.</summary>
    public void RequestHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        var (key, text) = (evaluation.Arena.Copy(name), evaluation.Arena.Copy(value));
        evaluation.Message.Add(evaluation.Message.RequestHeaders, key, text);
        if (AsciiCase.EqualsIgnoreCase(name, "Cookie"u8)) Cookies.Read(text, owner.Plan.Settings.CookieSeparator, evaluation.Message);
        else if (AsciiCase.EqualsIgnoreCase(name, "Content-Type"u8)) contentType = text;
        else if (AsciiCase.EqualsIgnoreCase(name, "Host"u8)) evaluation.Message.Set(Variable.ServerName, HostName(text));
    }

    /// <summary>Sets REMOTE_USER and AUTH_TYPE, where the caller is known by now.</summary>
    public void Caller(ReadOnlySpan<byte> user, ReadOnlySpan<byte> authenticationType)
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        evaluation.Message.Set(Variable.RemoteUser, user);
        evaluation.Message.Set(Variable.AuthType, authenticationType);
    }

    /// <summary>A text that rules read as UNIQUE_ID.</summary>
    public void Identify(ReadOnlySpan<byte> id)
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        evaluation.Message.Set(Variable.UniqueId, id);
    }

    /// <summary>Phase 1.</summary>
    public Interruption? ProcessRequestHeaders()
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        evaluation.Bodies.Kind = RequestBodyReader.KindOf(contentType.Span);
        evaluation.Message.Set(Variable.ReqbodyProcessor, RequestBodyReader.Name(evaluation.Bodies.Kind));
        if (owner.Plan.ReadsFullRequest) FullRequest.Compose(evaluation, []);
        return Run(Phase.RequestHeaders);
    }

    /// <summary>A piece of the request's body. False when nothing more is looked at: the limit is reached, or the body has been processed.</summary>
    public bool AppendRequestBody(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        // Once it is read, variables may point into it.
        return !isBodyRead && requestBody.Append(bytes, BodyLimit);
    }

    /// <summary>Phase 2, when the body is there or there is none.</summary>
    public Interruption? ProcessRequestBody()
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        if (evaluation.Interruption is not null || evaluation.Mode == EngineMode.Off) return evaluation.Interruption;

        if (evaluation.Bodies.ReadsRequest && !isBodyRead)
        {
            isBodyRead = isRunning = true;
            var refusesLong = evaluation.Settings.RefusesLongRequestBody ?? owner.Plan.Settings.RefusesLongRequestBody;
            if (requestBody.IsCut && refusesLong && Refuse(Phase.RequestBody, 413)) return evaluation.Interruption;
            bodyReader.Read(requestBody, contentType.Span);
            if (owner.Plan.ReadsFullRequest) FullRequest.Compose(evaluation, requestBody.Memory.Span);
        }

        return Run(Phase.RequestBody);
    }

    /// <summary>The response's status; <paramref name="protocol"/> is that of the answer.</summary>
    public void ResponseStatus(int status, ReadOnlySpan<byte> protocol)
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        evaluation.Message.Set(Variable.ResponseStatus, status);
        evaluation.Message.Set(Variable.ResponseProtocol, protocol);
        var text = VariableStore.Decimal(evaluation.Arena, status);
        var line = evaluation.Arena.Reserve(protocol.Length + 1 + text.Length);
        protocol.CopyTo(line);
        line[protocol.Length] = (byte)' ';
        text.Span.CopyTo(line[(protocol.Length + 1)..]);
        evaluation.Message.Set(Variable.StatusLine, evaluation.Arena.Commit(line.Length));
    }

    /// <summary>One field line of the response.</summary>
    public void ResponseHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        var message = evaluation.Message;
        var (key, text) = (evaluation.Arena.Copy(name), evaluation.Arena.Copy(value));
        message.Add(message.ResponseHeaders, key, text);
        if (AsciiCase.EqualsIgnoreCase(name, "Content-Type"u8)) message.Set(Variable.ResponseContentType, text);
        else if (AsciiCase.EqualsIgnoreCase(name, "Content-Length"u8)) message.Set(Variable.ResponseContentLength, Numbers.Parse(value));
    }

    /// <summary>Phase 3.</summary>
    public Interruption? ProcessResponseHeaders()
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        return Run(Phase.ResponseHeaders);
    }

    /// <summary>A piece of the response's body. False when nothing more is looked at: the limit is reached.</summary>
    public bool AppendResponseBody(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        return responseBody.Append(bytes, ResponseBodyLimit(evaluation.Settings));
    }

    /// <summary>Phase 4.</summary>
    public Interruption? ProcessResponseBody()
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        if (evaluation.Interruption is not null || evaluation.Mode == EngineMode.Off) return evaluation.Interruption;

        if (responseBody.IsCut)
        {
            evaluation.Message.Set(Variable.OutboundDataError, 1);
            if (owner.Plan.Settings.RefusesLongResponseBody && Refuse(Phase.ResponseBody, 500)) return evaluation.Interruption;
        }

        if (!evaluation.Message.Has(Variable.ResponseContentLength)) evaluation.Message.Set(Variable.ResponseContentLength, responseBody.Total);
        if (responseBody.Length > 0 && evaluation.Arena.HasRoom(responseBody.Length)) evaluation.Message.Set(Variable.ResponseBody, evaluation.Arena.Copy(responseBody.Memory.Span));
        return Run(Phase.ResponseBody);
    }

    /// <summary>Phase 5. Runs once, also after an interruption; nothing is interrupted by it.</summary>
    public void ProcessLogging()
    {
        ObjectDisposedException.ThrowIf(!isOpen, this);
        if (isLogged) return;
        isLogged = true;
        isRunning = true;
        PhaseRunner.Run(evaluation, Phase.Logging);
        isRunning = false;
    }

    /// <summary>
    /// Gives the transaction back for another use; what it gave out is no longer valid. A second call does nothing. One out of whose step an exception
    /// came is not used again.
    /// </summary>
    public void Dispose()
    {
        if (!isOpen) return;
        isOpen = false;
        requestBody.Clear();
        responseBody.Clear();
        contentType = default;
        isLogged = isBodyRead = false;
        evaluation.Clear();
        if (!isRunning) owner.Return(this);
    }

    internal void Begin(TransactionSettings settings, PersistentCollections? collections, TimeProvider clock)
    {
        isOpen = true;
        isRunning = false;
        evaluation.Arena.Limit = MemoryLimit(settings);
        evaluation.Settings = settings;
        evaluation.Mode = settings.Mode;
        evaluation.Collections = collections;
        evaluation.Clock = clock;
        evaluation.Started = clock.GetTimestamp();
        evaluation.Bodies.Reset(owner.Plan.Settings);
        evaluation.Bodies.ReadsResponse = settings.InspectsResponseBody ?? evaluation.Bodies.ReadsResponse;
        evaluation.Message.Set(Variable.RemoteAddr, default(Slice));
        evaluation.Message.Set(Variable.ModsecBuild, owner.Build);
        evaluation.Message.Set(Variable.WebappId, owner.WebAppId);
        foreach (var (name, bytes, value) in settings.Pinned) evaluation.Tx.Set(name, bytes, value);
        if (settings.Removed is { } removed) evaluation.Removals.Remove(removed);
        foreach (var (rules, target) in settings.RemovedTargets) evaluation.Removals.RemoveTarget(rules, target);
    }

    private long BodyLimit
        => evaluation.Settings.RequestBodyLimit
            ?? (evaluation.Bodies.Kind == BodyKind.Multipart ? WholeBodyLimit(evaluation.Settings) : Math.Min(WholeBodyLimit(evaluation.Settings), owner.Plan.Settings.RequestBodyNoFilesLimit));

    private long WholeBodyLimit(TransactionSettings settings) => settings.RequestBodyLimit ?? owner.Plan.Settings.RequestBodyLimit ?? RuleSettings.DefaultRequestBodyLimit;

    // Files are not copied unless a rule looks into them; everything else may be, and each transformation that changes it makes one more copy.
    private long MemoryLimit(TransactionSettings settings)
    {
        var copied = owner.Plan.ReadsFileContent ? WholeBodyLimit(settings) : settings.RequestBodyLimit ?? Math.Min(WholeBodyLimit(settings), owner.Plan.Settings.RequestBodyNoFilesLimit);
        return Math.Clamp(MemoryPerBodyByte * Math.Max(copied, ResponseBodyLimit(settings)), MinimumMemoryLimit, MaximumMemoryLimit);
    }

    private long ResponseBodyLimit(TransactionSettings settings) => settings.ResponseBodyLimit ?? owner.Plan.Settings.ResponseBodyLimit;

    private Interruption? Run(Phase phase)
    {
        isRunning = true;
        if (evaluation.Interruption is null) PhaseRunner.Run(evaluation, phase);
        isRunning = false;
        return evaluation.Interruption;
    }

    private bool Refuse(Phase phase, int status)
    {
        var interruption = new Interruption(InterruptionKind.Deny, status, 0, phase);
        if (evaluation.Mode == EngineMode.On) evaluation.Interruption = interruption;
        else evaluation.Suppressed ??= interruption;
        return evaluation.Interruption is not null;
    }

    private static Slice HostName(Slice host)
    {
        var text = host.Span;
        var colon = text.LastIndexOf((byte)':');
        return colon < 0 || text[colon..].Contains((byte)']') ? host : host.Part(0, colon);
    }

    private bool IsInspected(ReadOnlySpan<byte> type)
    {
        var semicolon = type.IndexOf((byte)';');
        var media = (semicolon < 0 ? type : type[..semicolon]).Trim((byte)' ');
        foreach (var known in owner.ResponseBodyTypes)
        {
            if (AsciiCase.EqualsIgnoreCase(known, media)) return true;
        }

        return false;
    }

    private long Score((int NameId, Slice Name)[] names)
    {
        foreach (var (id, name) in names)
        {
            var at = evaluation.Tx.Find(id, name.Span);
            if (at >= 0) return evaluation.Tx[at].IsNumber ? evaluation.Tx[at].Number : Numbers.Parse(evaluation.Tx[at].Text.Span);
        }

        return 0;
    }
}
