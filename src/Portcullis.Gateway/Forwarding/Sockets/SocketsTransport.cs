using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>
/// Tries over <see cref="SocketsHttpHandler"/>: HTTP/2, by ALPN over TLS or by prior knowledge.
/// Whatever the handler would do of its own accord (cookies, redirects, proxies, decompression, tracing) is off.
/// </summary>
/// <remarks>
/// Two limits come from the handler. Request trailers can't be sent and are dropped, which RFC 9110 §6.5.1 permits.
/// And it takes server name and pool of a TLS connection from the Host field, so over HTTP/2 with TLS the destination's own
/// name is sent as <c>:authority</c>, never the client's: else each Host a client thinks up would open a pool of its own.
/// </remarks>
internal sealed class SocketsTransport : IUpstreamTransport
{
    /// <summary>RFC 9113 §6.5.2: servers should allow no fewer streams on a connection.</summary>
    private const int StreamsPerConnection = 100;

    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly UpstreamEndpoint endpoint;
    private readonly ConnectionPlaces places;
    private readonly HttpMessageInvoker invoker;
    private readonly string origin;
    private readonly string? fixedHost;
    private readonly int mostInFlight;
    private int inFlight;

    public SocketsTransport(UpstreamEndpoint endpoint)
    {
        this.endpoint = endpoint;
        origin = (endpoint.IsTls ? "https://" : "http://") + endpoint.Url.IdnHost.ToUriHost() + ":" + endpoint.Url.Port;
        fixedHost = endpoint.IsTls ? ServerAuthority(endpoint) : null;
        mostInFlight = (endpoint.Connections.Maximum * StreamsPerConnection) + endpoint.Connections.Queue;
        places = new ConnectionPlaces(endpoint);
        invoker = new HttpMessageInvoker(CreateHandler(endpoint, places), disposeHandler: true);
    }

    public async ValueTask<UpstreamResult> SendAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        // At the cap further requests are refused at once: the handler's own queue has no end.
        if (Interlocked.Increment(ref inFlight) > mostInFlight)
        {
            Interlocked.Decrement(ref inFlight);
            return UpstreamResult.Failed(ForwardError.PoolExhausted, $"{endpoint.Authority}: {mostInFlight} requests in flight or waiting");
        }

        SocketsMessage? message = null;
        HttpResponseMessage? response = null;
        try
        {
            message = CreateMessage(request);
            response = await invoker.SendAsync(message, cancellationToken);
            if (ResponseRules.Check(response) == ForwardError.None)
            {
                var stream = await response.Content.ReadAsStreamAsync(CancellationToken.None);
                return UpstreamResult.From(new SocketsResponse(this, message, response, stream, request));
            }

            await EndAsync(message, response);
            return UpstreamResult.Failed(ForwardError.InvalidResponse, $"{endpoint.Authority}: invalid response head");
        }
        catch (Exception e) when (SocketsErrors.IsExpected(e))
        {
            await EndAsync(message, response);
            var wasSent = message is { WasSent: true };
            var error = message?.Content is PipeContent { Failure: not ForwardError.None and var failure } ? failure : SocketsErrors.Classify(e, wasSent, cancellationToken);

            // The upstream is not to blame for a request that waited for a stream all the time.
            if (error == ForwardError.Timeout && !wasSent && places.AreTaken) return UpstreamResult.Failed(ForwardError.PoolExhausted, places.Exhausted);
            return UpstreamResult.Failed(error, SocketsErrors.Describe(endpoint.Authority, e));
        }
        catch
        {
            // What fails in a way that nobody foresaw must not keep its place: it would be lost for good.
            await EndAsync(message, response);
            throw;
        }
    }

    /// <summary>Ends an exchange: from here on nothing touches the request, and its place is free.</summary>
    internal async ValueTask EndAsync(HttpRequestMessage? message, HttpResponseMessage? response)
    {
        response?.Dispose();
        if (message?.Content is PipeContent content) await content.StopAsync();
        message?.Dispose();
        Interlocked.Decrement(ref inFlight);
    }

    public ValueTask DisposeAsync()
    {
        invoker.Dispose();
        return default;
    }

    internal TimeProvider Clock => endpoint.Clock;

    private static SocketsHttpHandler CreateHandler(UpstreamEndpoint endpoint, ConnectionPlaces places)
    {
        var connections = endpoint.Connections;
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            PreAuthenticate = false,
            Credentials = null,
            RequestHeaderEncodingSelector = static (name, message) =>
            {
                ((SocketsMessage)message).OnField(name);
                return Encoding.Latin1;
            },
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            PooledConnectionIdleTimeout = connections.IdleTimeout,
            PooledConnectionLifetime = connections.Lifetime,
            ConnectTimeout = connections.ConnectTimeout,
            Expect100ContinueTimeout = TimeSpan.FromSeconds(1),
            MaxResponseHeadersLength = 64, // KiB
            MaxResponseDrainSize = 64 * 1024,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = (_, token) => places.ConnectAsync(token),
        };
        if (endpoint.IsTls) handler.SslOptions = endpoint.Tls.Handshake(endpoint.Url.IdnHost, SslApplicationProtocol.Http2);
        return handler;
    }

    private static string ServerAuthority(UpstreamEndpoint endpoint)
    {
        var name = endpoint.Tls.ServerName(endpoint.Url.IdnHost).ToUriHost();
        return endpoint.Url.IsDefaultPort ? name : name + ":" + endpoint.Url.Port;
    }

    private PipeContent? CreateContent(UpstreamRequest request)
    {
        if (request.Upgrade is not null) return null;
        if (request.Body is not null) return new PipeContent(request);

        // The handler may repeat a request without content, which RFC 9110 §9.2.2 forbids for methods that are not idempotent.
        // One whose content was begun, however empty, is not repeated: see SocketsMessage.
        return Idempotency.IsIdempotent(request.Method) ? null : new PipeContent(request);
    }

    private SocketsMessage CreateMessage(UpstreamRequest request)
    {
        var content = CreateContent(request);
        var message = new SocketsMessage
        {
            Method = HttpMethod.Parse(request.Method),
            RequestUri = new Uri(origin + request.Target, Verbatim),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var headers = message.Headers;
        headers.TryAddWithoutValidation("Host", fixedHost ?? request.Host);
        foreach (var (name, values) in request.Fields)
        {
            if (Add(headers, name, values)) continue;

            // The handler keeps representation fields with the content; without one they go with an empty one, which would end a tunnel.
            if (request.Upgrade is not null) continue;
            content ??= new PipeContent(request);
            message.Content ??= content;
            Add(content.Headers, name, values);
        }

        if (request.AcceptsTrailers) headers.TryAddWithoutValidation("TE", "trailers");
        if (request.ExpectContinue && request.Body is not null) headers.ExpectContinue = true;
        if (request.Upgrade is { } protocol)
        {
            // Extended CONNECT, RFC 8441 §4.
            message.Method = HttpMethod.Connect;
            headers.Protocol = protocol;
        }

        return message;
    }

    private static bool Add(HttpHeaders headers, string name, StringValues values)
        => values.Count == 1 ? headers.TryAddWithoutValidation(name, values.ToString()) : headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
}
