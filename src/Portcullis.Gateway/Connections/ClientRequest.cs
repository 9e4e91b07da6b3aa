using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// One request of a client's connection and its response, as the features that ASP.NET's applications know. Reused with its session: nothing
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
    IConnectionLifetimeNotificationFeature,
    IHttpRequestIdentifierFeature
{
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
    private int revision;

    /// <summary>Whether the response takes over what the connection or stream is used for: nothing of HTTP follows.</summary>
    public bool IsUpgraded { get; protected set; }

    /// <summary>Whether the client waits to be told to send its body, or has been told.</summary>
    public bool MayBeTold { get; private set; }

    /// <summary>Whether the client still waits to be told to send its body.</summary>
    public bool ExpectsContinue { get; private set; }

    /// <summary>Length of the response's body where its head states it.</summary>
    public long StatedLength { get; protected set; }

    public bool HasStartingCallbacks => starting is { Count: > 0 };

    public bool HasCompletedCallbacks => completed is { Count: > 0 };

    public abstract FieldTable RequestFields { get; }

    public FieldTable ResponseFields => responseFields;

    /// <summary>The version as applications know it: <c>HTTP/1.0</c>, <c>HTTP/1.1</c> or <c>HTTP/2</c>; of a request that is refused for it, another.</summary>
    public abstract string Version { get; }

    public string Protocol
    {
        get => Version;
        set => throw new NotSupportedException();
    }

    public string Scheme
    {
        get => scheme ?? (Facts.IsTls ? "https" : "http");
        set => scheme = value;
    }

    public string Method
    {
        get => method ?? SentMethod;
        set => method = value;
    }

    public string PathBase { get; set; } = string.Empty;

    public string RawTarget
    {
        get => rawTarget ?? SentTarget;
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
        get => RequestFields;
        set => throw new NotSupportedException();
    }

    Stream IHttpRequestFeature.Body
    {
        get => requestStream ??= Content.AsStream();
        set => requestStream = value;
    }

    public PipeReader Reader => Content;

    public bool CanHaveBody => Content.IsPresent;

    public CancellationToken RequestAborted
    {
        get => Aborted;
        set => throw new NotSupportedException();
    }

    bool IHttpMaxRequestBodySizeFeature.IsReadOnly => Content.HasBeenRead;

    public long? MaxRequestBodySize
    {
        get => Content.Limit;
        set
        {
            if (Content.HasBeenRead) throw new InvalidOperationException("The limit can't be changed once the body is read.");
            Content.Limit = value;
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

    public bool HasStarted => Response.HasStarted;

    public Stream Stream => responseStream ??= Response.AsStream(leaveOpen: true);

    public PipeWriter Writer => Response;

    public CancellationToken ConnectionClosedRequested
    {
        get => Aborted;
        set => throw new NotSupportedException();
    }

    public string TraceIdentifier
    {
        get => identifier ??= Guid.CreateVersion7().ToString("N", System.Globalization.CultureInfo.InvariantCulture);
        set => identifier = value;
    }

    bool IFeatureCollection.IsReadOnly => false;

    public int Revision => revision;

    /// <summary>The method as sent.</summary>
    protected abstract string SentMethod { get; }

    /// <summary>The target as sent.</summary>
    protected abstract string SentTarget { get; }

    protected abstract ClientConnection Client { get; }

    /// <summary>What there is to know of the connection.</summary>
    protected abstract ConnectionFeatures Facts { get; }

    /// <summary>The request's body.</summary>
    protected abstract RequestContent Content { get; }

    /// <summary>Where the response's body is written to.</summary>
    protected abstract ResponseContent Response { get; }

    /// <summary>Fires when the client is gone or the request is given up.</summary>
    protected abstract CancellationToken Aborted { get; }

    public object? this[Type key]
    {
        get
        {
            if (added is not null && added.TryGetValue(key, out var feature)) return feature;
            return FindBeside(key) ?? (key.IsInterface && key.IsInstanceOfType(this) ? this : null);
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

    /// <summary>Gives the request up: what was not whole does not look it.</summary>
    public abstract void Abort();

    /// <summary>The connection ends once what is under way on it is done.</summary>
    public abstract void RequestClose();

    public void OnStarting(Func<object, Task> callback, object state) => (starting ??= []).Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => (completed ??= []).Add((callback, state));

    public void DisableBuffering()
    {
        // Nothing is held back.
    }

    public async Task StartAsync(CancellationToken cancellationToken = default) => await Response.FlushAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
        => SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public async Task CompleteAsync()
    {
        if (HasStartingCallbacks && !HasStarted) await FireStartingAsync();
        await Response.FinishAsync();
    }

    /// <summary>Prepares for the request that has been read.</summary>
    public virtual void Begin()
    {
        StatusCode = StatusCodes.Status200OK;
        ReasonPhrase = null;
        IsUpgraded = false;
        ExpectsContinue = MayBeTold = Content.IsPresent && KnowsContinue && RequestFields.Expect is { Count: 1 } expect && "100-continue".Equals(expect[0], StringComparison.OrdinalIgnoreCase);
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
        var wasExpecting = ExpectsContinue;
        ExpectsContinue = false;
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
    public virtual void Forget()
    {
        responseFields.Clear();
        added?.Clear();
        starting?.Clear();
        PathBase = string.Empty;
        rawTarget = path = queryString = method = scheme = identifier = null;
        requestStream = responseStream = null;
    }

    /// <summary>Runs the application for the request that has been read.</summary>
    public abstract ValueTask<Pipeline.Verdict> ProcessAsync();

    /// <summary>Lets the application close its books on the request, after the response has left.</summary>
    public abstract void EndProcessing(Exception? failure);

    /// <summary>Whether the client knows 100 (Continue).</summary>
    protected abstract bool KnowsContinue { get; }

    /// <summary>The features that are another object's.</summary>
    protected virtual object? FindBeside(Type key)
    {
        if (key == typeof(ClientConnection)) return Client;
        if (key == typeof(IHttpConnectionFeature)) return Facts;
        if (key == typeof(IHttpRequestTrailersFeature)) return Content;
        return key == typeof(ITlsConnectionFeature) && Facts.IsTls ? Facts : null;
    }

    private static string PathOf(string target)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var raw = query < 0 ? target : target[..query];
        return raw.StartsWith('/') ? PathString.FromUriComponent(raw).Value! : raw;
    }
}
