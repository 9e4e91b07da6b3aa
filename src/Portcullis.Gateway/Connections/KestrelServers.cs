using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Http2;
using Portcullis.Gateway.Connections.Tls;

namespace Portcullis.Gateway.Connections;

/// <summary>Makes a bare Kestrel server behind a gate: no middleware, no routing, no hosting; strict where Kestrel has a switch for it.</summary>
internal static class KestrelServers
{
    static KestrelServers()
    {
        // RFC 9112 §2.2 lets a recipient take a bare LF for a line end; two recipients that differ on it are a smuggling hole.
        // Read when Kestrel's options are first made, so it must be set before.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.EnableInsecureChunkedRequestParsing", false);
    }

    /// <summary>A server with its options and what must be disposed with it.</summary>
    public static KestrelServerHandle Create(ConnectionGate gate, CertificateStore? certificates, ListenerServices services)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton(services.Logging);
        builder.Services.AddSingleton<DiagnosticSource>(new RefusalEvents(services.Refusals, services.Time));
        builder.Services.AddSingleton<IConnectionListenerFactory>(new GateListenerFactory(gate));
        builder.Services.Configure<KestrelServerOptions>(options => Configure(options, gate, certificates, services));
        var provider = builder.Services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<KestrelServerOptions>>().Value;

        // The builder enters a listener of its own into a static list of the process, where it would stay.
        var listeners = builder.Services.Select(service => service.ImplementationInstance).OfType<DiagnosticListener>();
        return new KestrelServerHandle(provider.GetRequiredService<IServer>(), options, provider, [.. listeners]);
    }

    private static void Configure(KestrelServerOptions options, ConnectionGate gate, CertificateStore? certificates, ListenerServices services)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        options.AllowHostHeaderOverride = false;
        options.DisableStringReuse = false;

        // One octet, one character, both ways: what is inspected is what was sent, and what is forwarded is what was inspected.
        options.RequestHeaderEncodingSelector = SelectEncoding;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        KestrelLimits.Apply(gate.Rules.Options.Limits, options.Limits);

        var rules = gate.Rules;
        var floods = new FloodLog(services, services.Logging.CreateLogger<Listener>());
        var memory = new ConnectionMemory(BlockPool.Large);
        if (gate.Http2LaneEndPoint is { } http2EndPoint)
        {
            Listen(gate.LaneEndPoint, HttpProtocols.Http1);
            Listen(http2EndPoint, HttpProtocols.Http2);
        }
        else
        {
            Listen(gate.LaneEndPoint, (rules.SpeaksHttp1 ? HttpProtocols.Http1 : HttpProtocols.None) | (rules.SpeaksHttp2 ? HttpProtocols.Http2 : HttpProtocols.None));
        }

        void Listen(LaneEndPoint endPoint, HttpProtocols protocols) => options.Listen(endPoint, listen =>
        {
            listen.Protocols = protocols;
            listen.Use(next => connection => HoldPlaceAsync(connection, next, memory, certificates is not null));
            if (certificates is not null) UseTls(listen, certificates, rules);
            listen.Use(next => connection => WrapAsync(connection, next, protocols, services.Time, floods));
        });
    }

    private static Encoding SelectEncoding(string field) => field.Length switch
    {
        10 when field == HeaderNames.Connection => ConnectionEncoding.Instance,
        14 when field == HeaderNames.ContentLength => LengthEncoding.Instance,
        _ => Encoding.Latin1,
    };

    private static void UseTls(ListenOptions listen, CertificateStore certificates, ConnectionRules rules)
    {
        listen.Use(static next => connection => RunHandshakeInPoolAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = rules.Options.Tls!.HandshakeTimeout,
            OnConnection = certificates.SelectAsync,
        });
        listen.Use(static next => connection =>
        {
            connection.Features.Get<Admission>()!.HandshakeDone = true;
            return next(connection);
        });
    }

    private static async Task RunHandshakeInPoolAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = connection.Transport;
        connection.Transport = new WrappedTransport(new HandshakeInput(transport.Input, connection.Features.Get<Admission>()!), transport.Output);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    private static async Task WrapAsync(ConnectionContext connection, ConnectionDelegate next, HttpProtocols protocols, TimeProvider time, FloodLog floods)
    {
        var transport = connection.Transport;
        LateClose? lateClose = null;
        if (protocols == HttpProtocols.Http2 || IsHttp2(connection))
        {
            connection.Transport = new FloodGuard(connection, time, floods).Wrap(transport);
        }
        else
        {
            lateClose = new LateClose(connection, time);
            var output = new RefusableOutput(transport.Output);
            connection.Features.Set(output);
            connection.Transport = new WrappedTransport(new HalfClosedInput(transport.Input), output);
        }

        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
            lateClose?.Dispose();
        }
    }

    private static bool IsHttp2(ConnectionContext connection)
        => connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) == true;

    private static async Task HoldPlaceAsync(ConnectionContext connection, ConnectionDelegate next, ConnectionMemory memory, bool isTls)
    {
        connection.Features.Set<IMemoryPoolFeature>(memory);
        var admission = connection.Features.Get<Admission>()!;
        try
        {
            await next(connection);
        }
        finally
        {
            if (isTls && !admission.HandshakeDone) admission.CountRefused(ConnectionRefusal.Handshake);
            admission.Release();
        }
    }
}
