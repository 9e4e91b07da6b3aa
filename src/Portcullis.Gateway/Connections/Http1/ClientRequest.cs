using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// One request of an HTTP/1.1 connection and its response, as the features that ASP.NET's applications know. Reused with its session: nothing
/// of it may be used once the application is done with it.
/// </summary>
internal abstract class ClientRequest :
    IFeatureCollection,
    IHttpRequestFeature,
    IHttpRequestLifetimeFeature,
    IHttpRequestBodyDetectionFeature,
    IRequestBodyPipeFeature,
    IHttpMaxRequestBodySizeFeature,
    IHttpResponseFeature,
    IHttpResponseBodyFeature,
    IHttpUpgradeFeature,
    IConnectionLifetimeNotificationFeature,
    IHttpRequestIdentifierFeature
{
    private readonly Http1Session session;
    private readonly FieldTable responseFields = new();
    private Dictionary<Type, object>? added;
    private List<(Func<object, Task> Callback, object State)>? starting;
    private List<(Func<object, Task> Callback, object State)>? completed;
    private string? rawTarget;
    private string? path;
    private string? queryString;
    private string? method;
    private string? scheme;
    private string? identifier;
    private Stream? requestStream;
    private Stream? responseStream;
    private bool isExpecting;
    private int revision;

    protected ClientRequest(Http1Session session) => this.session = session;

    /// <summary>Whether the connection has gone over to another protocol.</summary>
    public bool IsUpgraded { get; private set; }

    /// <summary>Whether the connection stays open behind the response; known once it has started.</summary>
    public bool KeepsConnection { get; private set; }

    /// <summary>Whether the client waits to be told to send its body, or has been told.</summary>
    public bool MayBeTold { get; private set; }

    /// <summary>Whether the client still waits to be told to send its body.</summary>
    public bool ExpectsContinue => isExpecting;

    public ResponseFraming ResponseFraming { get; private set; }

    /// <summary>Length of the response's body where its head states it.</summary>
    public long StatedLength { get; private set; }

    public bool HasStartingCallbacks => starting is { Count: > 0 };

    public bool HasCompletedCallbacks => completed is { Count: > 0 };

    public FieldTable RequestFields => session.Parser.Fields;

    public FieldTable ResponseFields => responseFields;

    public string Protocol
    {
        get => session.Parser.IsHttp11 ? "HTTP/1.1" : "HTTP/1.0";
        set => throw new NotSupportedException();
    }

    public string Scheme
    {
        get => scheme ?? (session.Features.IsTls ? "https" : "http");
        set => scheme = value;
    }

    public string Method
    {
        get => method ?? session.Parser.Method;
        set => method = value;
    }

    public string PathBase { get; set; } = string.Empty;

    public string RawTarget
    {
        get => rawTarget ?? session.Parser.Target;
        set => rawTarget = value;
    }

    [AllowNull]
    public string Path
    {
        get => path ??= PathOf(RawTarget);
        set => path = value;
    }

    [AllowNull]
    public string QueryString
    {
        get => queryString ??= RawTarget.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? RawTarget[at..] : string.Empty;
        set => queryString = value;
    }

    IHeaderDictionary IHttpRequestFeature.Headers
    {
        get => session.Parser.Fields;
        set => throw new NotSupportedException();
    }

    Stream IHttpRequestFeature.Body
    {
        get => requestStream ??= session.Body.AsStream();
        set => requestStream = value;
    }

    public PipeReader Reader => session.Body;

    public bool CanHaveBody => session.Body.IsPresent;

    public CancellationToken RequestAborted
    {
        get => session.Aborted;
        set => throw new NotSupportedException();
    }

    bool IHttpMaxRequestBodySizeFeature.IsReadOnly => session.Body.HasBeenRead;

    public long? MaxRequestBodySize
    {
        get => session.Body.Limit;
        set
        {
            if (session.Body.HasBeenRead) throw new InvalidOperationException("The limit can't be changed once the body is read.");
            session.Body.Limit = value;
        }
    }

    public int StatusCode { get; set; }

    public string? ReasonPhrase { get; set; }

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => responseFields;
        set => throw new NotSupportedException();
    }

    Stream IHttpResponseFeature.Body
    {
        get => Stream;
        set => responseStream = value;
    }

    public bool HasStarted => session.Writer.HasStarted;

    public Stream Stream => responseStream ??= session.Writer.AsStream(leaveOpen: true);

    public PipeWriter Writer => session.Writer;

    public bool IsUpgradableRequest => session.Parser.IsHttp11 && RequestFields.Upgrade.Count > 0 && ConnectionField.Names(RequestFields.Connection, "upgrade") && !session.Body.IsPresent;

    public CancellationToken ConnectionClosedRequested
    {
        get => session.Aborted;
        set => throw new NotSupportedException();
    }

    public string TraceIdentifier
    {
        get => identifier ??= Guid.CreateVersion7().ToString("N", System.Globalization.CultureInfo.InvariantCulture);
        set => identifier = value;
    }

    bool IFeatureCollection.IsReadOnly => false;

    public int Revision => revision;

    public object? this[Type key]
    {
        get
        {
            if (added is not null && added.TryGetValue(key, out var feature)) return feature;
            return FindBeside(key) ?? (key.IsInterface && key.IsAssignableFrom(typeof(ClientRequest)) ? this : null);
        }

        set
        {
            revision++;
            if (value is null) added?.Remove(key);
            else (added ??= [])[key] = value;
        }
    }

    public TFeature? Get<TFeature>()
    {
        if (added is { Count: > 0 }) return (TFeature?)this[typeof(TFeature)];
        return this is TFeature own ? own : (TFeature?)FindBeside(typeof(TFeature));
    }

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => (added ?? []).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Abort() => session.Abort();

    public void RequestClose() => session.EndAfterResponse();

    public void OnStarting(Func<object, Task> callback, object state) => (starting ??= []).Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => (completed ??= []).Add((callback, state));

    public void DisableBuffering()
    {
        // Nothing is held back.
    }

    public async Task StartAsync(CancellationToken cancellationToken = default) => await session.Writer.FlushAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
        => SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public async Task CompleteAsync()
    {
        if (HasStartingCallbacks && !HasStarted) await FireStartingAsync();
        await session.Writer.FinishAsync();
    }

    public async Task<Stream> UpgradeAsync()
    {
        if (!IsUpgradableRequest) throw new InvalidOperationException("The request can't be upgraded.");
        if (HasStarted) throw new InvalidOperationException("The response has started.");
        StatusCode = StatusCodes.Status101SwitchingProtocols;
        IsUpgraded = true;
        await session.Writer.FlushAsync();
        return session.Upgrade();
    }

    /// <summary>Prepares for the request that the session has read.</summary>
    public void Begin()
    {
        StatusCode = StatusCodes.Status200OK;
        ReasonPhrase = null;
        IsUpgraded = KeepsConnection = false;
        isExpecting = MayBeTold = session.Body.IsPresent && session.Parser.IsHttp11 && RequestFields.Expect is { Count: 1 } expect && "100-continue".Equals(expect[0], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The application has failed before the response started.</summary>
    public void Fail()
    {
        responseFields.Clear();
        starting?.Clear();
        ReasonPhrase = null;
        StatusCode = StatusCodes.Status500InternalServerError;
    }

    /// <summary>Whether the client is to be told to send its body; true once.</summary>
    public bool TakeExpectation()
    {
        var wasExpecting = isExpecting;
        isExpecting = false;
        return wasExpecting;
    }

    /// <summary>Calls what wants to see the fields before they leave.</summary>
    public async ValueTask FireStartingAsync()
    {
        while (starting is { Count: > 0 })
        {
            var (callback, state) = starting[^1];
            starting.RemoveAt(starting.Count - 1);
            await callback(state);
        }
    }

    /// <summary>Decides how the body is framed (RFC 9112 §6).</summary>
    /// <param name="isWhole">What has been written is all.</param>
    /// <param name="written">Octets of body that have been written.</param>
    public ResponseFraming StartResponse(bool isWhole, int written)
    {
        StatedLength = responseFields.ContentLength ?? 0;
        if (IsUpgraded) return ResponseFraming = ResponseFraming.Upgraded;
        var closes = session.IsLast || session.Body.HasFailed || (isExpecting && !session.Body.IsConsumed) || ConnectionField.Names(responseFields.Connection, "close");
        if (StatusCode == StatusCodes.Status204NoContent) responseFields.ContentLength = null;
        if (Method == HttpMethods.Head || StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
        {
            ResponseFraming = ResponseFraming.None;
        }
        else if (responseFields.ContentLength is not null)
        {
            ResponseFraming = ResponseFraming.Length;
        }
        else if (isWhole)
        {
            responseFields.ContentLength = StatedLength = written;
            ResponseFraming = ResponseFraming.Length;
        }
        else if (session.Parser.IsHttp11)
        {
            ResponseFraming = ResponseFraming.Chunked;
        }
        else
        {
            ResponseFraming = ResponseFraming.UntilClose;
            closes = true;
        }

        KeepsConnection = !closes;
        return ResponseFraming;
    }

    /// <summary>The head, which is to be used before anything else writes one on this thread.</summary>
    public ResponseHead WriteHead()
    {
        var head = ResponseHead.Begin(StatusCode, ReasonPhrase);
        head.AppendFields(responseFields);
        if (responseFields.ContentLength is { } length && ResponseFraming != ResponseFraming.Upgraded) head.AppendLength(length);
        if (ResponseFraming == ResponseFraming.Upgraded) head.Append("Connection: Upgrade\r\n"u8);
        else if (!KeepsConnection) head.Append("Connection: close\r\n"u8);
        else if (!session.Parser.IsHttp11) head.Append("Connection: keep-alive\r\n"u8);
        if (ResponseFraming == ResponseFraming.Chunked) head.Append("Transfer-Encoding: chunked\r\n"u8);
        if (!responseFields.ContainsKey(HeaderNames.Date)) head.Append(session.Date.Current);
        head.Append("\r\n"u8);
        return head;
    }

    /// <summary>Calls what waits for the end of the response.</summary>
    public async ValueTask EndAsync()
    {
        while (completed is { Count: > 0 })
        {
            var (callback, state) = completed[^1];
            completed.RemoveAt(completed.Count - 1);
            await callback(state);
        }
    }

    /// <summary>Drops all that was the request's, but for what the next is compared with.</summary>
    public void Forget()
    {
        responseFields.Clear();
        added?.Clear();
        starting?.Clear();
        PathBase = string.Empty;
        rawTarget = path = queryString = method = scheme = identifier = null;
        requestStream = responseStream = null;
    }

    /// <summary>The features that are another object's.</summary>
    private object? FindBeside(Type key)
    {
        if (key == typeof(ClientConnection)) return session.Client;
        if (key == typeof(IHttpConnectionFeature)) return session.Features;
        if (key == typeof(IHttpRequestTrailersFeature)) return session.Body;
        if (key == typeof(ITlsConnectionFeature) || key == typeof(ITlsHandshakeFeature) || key == typeof(ITlsApplicationProtocolFeature))
            return session.Features.IsTls ? session.Features : null;
        return null;
    }

    private static string PathOf(string target)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var raw = query < 0 ? target : target[..query];
        return raw.StartsWith('/') ? PathString.FromUriComponent(raw).Value! : raw;
    }
}
