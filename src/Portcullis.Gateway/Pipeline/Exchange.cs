using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Identity.Certificates;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Routing;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// One request and its response on their way through the gateway. Pooled with its connection: nothing may keep a reference
/// to it after <see cref="DataPlaneApplication.DisposeContext"/>. Used by one request at a time; not thread safe.
/// </summary>
public sealed class Exchange
{
    private readonly List<KeyValuePair<string, StringValues>> responseFields = [];
    private IHttpRequestFeature request = null!;
    private IHttpResponseFeature response = null!;
    private IHttpResponseBodyFeature responseBody = null!;
    private IHttpRequestLifetimeFeature lifetime = null!;
    private IFeatureCollection features = null!;

    /// <summary>The configuration this request sees to its end, whatever is reloaded meanwhile.</summary>
    internal GatewaySnapshot Snapshot { get; set; } = null!;

    /// <summary>Who is at the other end. Looked up once: an exchange serves one connection, or the pooled streams of one.</summary>
    internal ClientConnection Connection { get; private set; } = null!;

    /// <summary>The address that the client connected to, IPv4-mapped ones in IPv4 form; null where there is no connection. Looked up once, as <see cref="Connection"/>.</summary>
    internal IPAddress? LocalAddress { get; private set; }

    /// <summary>The listener that accepted the connection.</summary>
    public string ListenerName { get; internal set; } = string.Empty;

    /// <summary>The listener's rules of now; null until they are known.</summary>
    internal ConnectionRules? Rules { get; set; }

    /// <summary>Whether a trusted proxy sent it: what it says of the client and of the trace is believed.</summary>
    internal bool IsFromTrustedProxy { get; set; }

    /// <summary>The known token of this request.</summary>
    internal PresentedToken PresentedToken { get; set; }

    /// <summary>The known token of the request before on the connection or pooled stream: kept no longer than the server keeps the field.</summary>
    internal PresentedToken LastToken { get; private set; }

    /// <summary>The server's features of this request: trailers, upgrade, TLS and the like.</summary>
    public IFeatureCollection Features => features;

    /// <summary>The request method, as sent (case sensitive, RFC 9110 §9.1).</summary>
    public string Method { get; private set; } = string.Empty;

    /// <summary><c>HTTP/1.0</c>, <c>HTTP/1.1</c> or <c>HTTP/2</c>.</summary>
    public string Protocol { get; private set; } = string.Empty;

    /// <summary><c>http</c> or <c>https</c>: of the connection, or as a trusted proxy reports it.</summary>
    public string Scheme { get; internal set; } = string.Empty;

    /// <summary>The normalised host without port; empty when the client sent none (HTTP/1.0).</summary>
    public HostName Host { get; internal set; }

    /// <summary>The host in normal form with the port that the client wrote, if any; what upstreams are told.</summary>
    public string Authority { get; internal set; } = string.Empty;

    /// <summary>What was read of the Host field of the request before: the same text reads the same.</summary>
    internal (string Text, HostName Host, string Authority) LastHost { get; set; }

    /// <summary>The target, read once. Routing, inspection and forwarding all use this value.</summary>
    public RequestTarget Target { get; internal set; }

    /// <summary>The request header fields; each char is one octet (Latin-1).</summary>
    public IHeaderDictionary RequestHeaders { get; private set; } = null!;

    /// <summary>Whether all field names that the client wrote stand for themselves at every upstream; false until they have been read.</summary>
    internal bool HasPlainFields { get; set; }

    /// <summary>The response header fields; may be changed until the response has started.</summary>
    public IHeaderDictionary ResponseHeaders => response.Headers;

    /// <summary>The client: the peer, or what trusted proxies say of it. Limits and blocks go by this.</summary>
    public IPAddress ClientAddress { get; internal set; } = IPAddress.None;

    /// <summary>32 lower-case hexadecimal digits, unique to the request; sent as <c>X-Request-Id</c> both ways.</summary>
    public string RequestId { get; internal set; } = string.Empty;

    /// <summary>The trace this request belongs to (W3C Trace Context).</summary>
    public TraceContext Trace { get; internal set; }

    /// <summary>The matched route; null before the match and when nothing matched.</summary>
    public CompiledRoute? Route { get; internal set; }

    /// <summary>The path pattern that matched, which finds the values of its variables in the path.</summary>
    internal RoutePattern? Pattern { get; set; }

    /// <summary>Who asks; null until the Authenticate stage has run.</summary>
    public Caller? Caller { get; set; }

    /// <summary>The path to send upstream where a policy rewrote it; null: the target's own path.</summary>
    public string? UpstreamPath { get; set; }

    /// <summary>By which way of the route the caller is known; null where nobody has been identified.</summary>
    internal AuthenticationMethod? AuthenticatedBy { get; set; }

    /// <summary>
    /// The client's certificate, found good in the handshake; null where it showed none. A trusted proxy in front shows its own, which says nothing of those
    /// whose requests it sends.
    /// </summary>
    internal ShownCertificate? Certificate => IsFromTrustedProxy ? null : features.Get<ITlsConnectionFeature>() switch
    {
        ConnectionFeatures own => own.Certificate,
        { ClientCertificate: { } certificate } => new ShownCertificate(certificate),
        _ => null,
    };

    /// <summary>Whether the client's <c>Authorization</c> field is passed on. Set by the authenticate policy.</summary>
    public bool ForwardAuthorization { get; set; }

    /// <summary>Whether the client's <c>X-Api-Key</c> is a credential for the gateway, which is not passed on. Set by the authenticate policy.</summary>
    internal bool DropsApiKey { get; set; }

    /// <summary>The <c>Authorization</c> that the upstream gets in place of the client's; null for none. Credentials of the transform policy go before it.</summary>
    internal string? UpstreamAuthorization { get; set; }

    /// <summary>The span of this request where a tracer listens; else null.</summary>
    internal Activity? Activity { get; set; }

    /// <summary>Timestamp (<see cref="TimeProvider.GetTimestamp"/>) of the request's start.</summary>
    public long StartedAt { get; internal set; }

    /// <summary>Ticks of <see cref="TimeSpan"/> spent waiting for the upstream's response head.</summary>
    public long UpstreamTicks { get; set; }

    /// <summary>The destination that answered; null when none was asked.</summary>
    public string? Destination { get; set; }

    /// <summary>Bytes of response body sent.</summary>
    public long ResponseBytes { get; set; }

    /// <summary>The public code of a refusal; null when the request was let through.</summary>
    public RefusalCode? Code { get; internal set; }

    /// <summary>How far the request has come: <c>normalize</c>, <c>match</c>, the name of a <see cref="Stage"/> that ended it, or <c>terminal</c>.</summary>
    internal string Step { get; set; } = string.Empty;

    /// <summary>The private cause of a refusal or failure; for logs only.</summary>
    public string? Cause { get; internal set; }

    /// <summary>What would have been refused by policies in shadow mode; null when nothing.</summary>
    public string? Shadowed { get; set; }

    /// <summary>The tightest limit that the request was counted under.</summary>
    internal LimitReport LimitReport { get; set; }

    /// <summary>Under what a request to a built-in endpoint was counted until it proves something.</summary>
    internal LimitStanding Attempt { get; set; }

    public int StatusCode
    {
        get => response.StatusCode;
        set => response.StatusCode = value;
    }

    public bool HasStarted => response.HasStarted;

    /// <summary>Fires when the client is gone.</summary>
    public CancellationToken Aborted => lifetime.RequestAborted;

    /// <summary>The request body as it arrives; reading it makes the server send 100 (Continue) where the client expects that.</summary>
    public PipeReader RequestBody => HeldBody ?? features.Get<IRequestBodyPipeFeature>()!.Reader;

    /// <summary>Gives the request's body out again where a policy has read it, or the beginning of it; null where none has.</summary>
    internal PipeReader? HeldBody { get; set; }

    /// <summary>The request before the rules of the firewall; kept for the next request.</summary>
    internal Inspection? Inspection { get; set; }

    /// <summary>Whether the refusal is to be no answer but the end of the connection or stream.</summary>
    internal bool IsDropped { get; set; }

    /// <summary>Whether the request has, or may have, a body.</summary>
    public bool HasRequestBody => features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false;

    /// <summary>Where the response body goes.</summary>
    public PipeWriter ResponseBody => responseBody.Writer;

    /// <summary>
    /// Adds a field to whatever response this request gets: the upstream's, the gateway's own or a refusal.
    /// </summary>
    public void AddResponseField(string name, StringValues value) => responseFields.Add(new(name, value));

    /// <summary>Notes the reason of a failure after which no refusal can be written any more (the response had started).</summary>
    public void Fail(RefusalCode code, string? cause)
    {
        Code = code;
        Cause = cause;
    }

    /// <summary>Closes the connection (HTTP/1.1) or resets the stream (HTTP/2) without a proper end of the response.</summary>
    public void Abort() => lifetime.Abort();

    /// <summary>
    /// The last step before the response head leaves: response policies in reverse order, then the fields that every response
    /// carries. Every terminal calls it once, with status and header fields set and nothing written.
    /// </summary>
    public Verdict PrepareResponse()
    {
        if (Route is { } route)
        {
            foreach (var policy in route.ResponsePolicies)
            {
                var verdict = policy.OnResponse(this);
                if (!verdict.IsContinue) return verdict;
            }
        }

        ApplyResponseFields();
        return Verdict.Continue;
    }

    /// <summary>The last step before an upstream's trailer fields leave: response policies take out what they have decided about.</summary>
    internal void PrepareTrailers(IHeaderDictionary trailers)
    {
        if (Route is null || trailers.Count == 0) return;
        foreach (var policy in Route.ResponsePolicies) policy.OnResponseTrailers(trailers);
    }

    /// <summary>Writes a complete response of the gateway's own.</summary>
    public async ValueTask<Verdict> RespondAsync(int status, string? contentType, ReadOnlyMemory<byte> body)
    {
        StatusCode = status;
        var headers = ResponseHeaders;
        if (contentType is not null) headers.ContentType = contentType;
        headers.ContentLength = body.Length;
        var verdict = PrepareResponse();
        if (verdict.IsRefusal) return verdict;

        if (!HttpMethods.IsHead(Method) && body.Length > 0)
        {
            ResponseBytes = body.Length;
            await ResponseBody.WriteAsync(body, Aborted);
        }

        await responseBody.CompleteAsync();
        return Verdict.Responded;
    }

    internal void ApplyResponseFields()
    {
        var headers = ResponseHeaders;
        headers["X-Request-Id"] = RequestId;

        // RFC 6797 §7.2: over https only, where browsers heed it.
        if (Rules is { StrictTransportSecurity: { } strict } && Scheme == "https" && !headers.ContainsKey(strict.Name)) strict.SetIn(headers);
        foreach (var (name, value) in responseFields)
        {
            headers[name] = name == "Vary" && headers.TryGetValue(name, out var present) ? StringValues.Concat(present, value) : value;
        }

        Inspection?.ApplyTo(this);
    }

    internal void Begin(IFeatureCollection serverFeatures)
    {
        features = serverFeatures;
        if (Connection is null)
        {
            Connection = serverFeatures.Get<ClientConnection>()!;
            var local = serverFeatures.Get<IHttpConnectionFeature>()?.LocalIpAddress;
            LocalAddress = local is { IsIPv4MappedToIPv6: true } ? local.MapToIPv4() : local;
        }

        if (serverFeatures is ClientRequest own)
        {
            request = own;
            response = own;
            responseBody = own;
            lifetime = own;
        }
        else
        {
            request = serverFeatures.Get<IHttpRequestFeature>()!;
            response = serverFeatures.Get<IHttpResponseFeature>()!;
            responseBody = serverFeatures.Get<IHttpResponseBodyFeature>()!;
            lifetime = serverFeatures.Get<IHttpRequestLifetimeFeature>()!;
        }

        RequestHeaders = request.Headers;
        Method = request.Method;
        Protocol = request.Protocol;
        Scheme = request.Scheme;
    }

    internal string RawTarget => request.RawTarget;

    internal IHttpResponseBodyFeature ResponseBodyFeature => responseBody;

    /// <summary>Drops every reference and value of the request that is over, but for <see cref="Connection"/>, <see cref="LocalAddress"/>, and <see cref="LastToken"/> and <see cref="LastHost"/>, which tell nothing to another string.</summary>
    internal void End()
    {
        Inspection?.End();
        HeldBody = null;
        LastToken = PresentedToken;
        PresentedToken = default;
        responseFields.Clear();
        features = null!;
        request = null!;
        response = null!;
        responseBody = null!;
        lifetime = null!;
        RequestHeaders = null!;
        Snapshot = null!;
        Rules = null;
        Step = ListenerName = Method = Protocol = Scheme = Authority = RequestId = string.Empty;
        Host = default;
        Target = default;
        Pattern = null;
        Trace = default;
        Route = null;
        Caller = null;
        AuthenticatedBy = null;
        UpstreamAuthorization = UpstreamPath = Destination = Cause = Shadowed = null;
        Code = null;
        Activity = null;
        ClientAddress = IPAddress.None;
        UpstreamTicks = ResponseBytes = StartedAt = 0;
        ForwardAuthorization = DropsApiKey = IsFromTrustedProxy = HasPlainFields = IsDropped = false;
        LimitReport = default;
        Attempt = default;
    }
}
