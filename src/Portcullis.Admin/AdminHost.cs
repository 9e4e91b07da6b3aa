using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portcullis.Admin.Api;
using Portcullis.Gateway;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Admin;

/// <summary>The admin listener: health and metrics. A host of its own; nothing of it is reachable through the data listeners.</summary>
public sealed class AdminHost : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly ListenerServer server;

    private AdminHost(WebApplication application, ListenerServer server)
    {
        this.application = application;
        this.server = server;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => server.Listener!.EndPoint;

    /// <summary>Starts it.</summary>
    /// <exception cref="ListenerException">The address can't be bound or the certificate can't be used.</exception>
    public static async Task<AdminHost> StartAsync(AdminOptions options, DataPlaneHost dataPlane, ListenerServices services, CancellationToken cancellationToken)
    {
        var listener = new ListenerOptions
        {
            Address = options.Address,
            Tls = options.Tls,
            Firewall = new FirewallOptions { Default = FirewallAction.Deny, Allow = options.Allow },
            Limits = new ListenerLimits { Connections = 1000, ConnectionsPerAddress = 100, BodyBytes = 1024 * 1024 },
        };
        var server = new ListenerServer(listener, services);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(services.Logging);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton<IServer>(server);
        builder.Services.AddRoutingCore();
        var application = builder.Build();
        application.Use(new AdminAnswers(services.Logging.CreateLogger<AdminAnswers>()).InvokeAsync);
        application.UseRouting();
        application.Use(AddSecurityHeaders);
        application.MapHealth(dataPlane);
        application.MapMetrics(dataPlane);
        await application.StartAsync(cancellationToken);
        dataPlane.Show(server.Listener!);
        return new AdminHost(application, server);
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    private static Task AddSecurityHeaders(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

        // Not for this machine itself: a browser would hold every http://localhost of whatever port to it.
        if (!IsLoopback(context.Request.Host.Host)) headers.StrictTransportSecurity = "max-age=31536000";
        return next(context);
    }

    private static bool IsLoopback(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
