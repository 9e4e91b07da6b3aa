using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Connections.Http2;

namespace Portcullis.Gateway.Connections;

/// <summary>Makes a bare Kestrel server for the HTTP/2 connections of a gate: no middleware, no routing, no hosting.</summary>
internal static class KestrelServers
{
    /// <summary>A server with its options and what must be disposed with it.</summary>
    public static KestrelServerHandle Create(ConnectionGate gate, ListenerServices services)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(services.Logging);
        builder.Services.AddSingleton<IConnectionListenerFactory>(new GateListenerFactory(gate));
        builder.Services.Configure<KestrelServerOptions>(options => Configure(options, gate, services));
        var provider = builder.Services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<KestrelServerOptions>>().Value;

        // The builder enters a listener of its own into a static list of the process, where it would stay.
        var listeners = builder.Services.Select(service => service.ImplementationInstance).OfType<DiagnosticListener>();
        return new KestrelServerHandle(provider.GetRequiredService<IServer>(), options, provider, [.. listeners]);
    }

    private static void Configure(KestrelServerOptions options, ConnectionGate gate, ListenerServices services)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        options.AllowHostHeaderOverride = false;
        options.DisableStringReuse = false;

        // One octet, one character, both ways: what is inspected is what was sent, and what is forwarded is what was inspected.
        options.RequestHeaderEncodingSelector = static field => field == HeaderNames.ContentLength ? LengthEncoding.Instance : Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        KestrelLimits.Apply(gate.Rules.Options.Limits, options.Limits);

        var floods = new FloodLog(services, services.Logging.CreateLogger<Listener>());
        options.Listen(gate.Lane.EndPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(next => connection => ServeAsync(connection, next, services.Time, floods));
        });
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next, TimeProvider time, FloodLog floods)
    {
        var transport = connection.Transport;
        connection.Transport = new FloodGuard(connection, time, floods).Wrap(transport);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
            connection.Features.Get<Admission>()!.Release();
        }
    }
}
