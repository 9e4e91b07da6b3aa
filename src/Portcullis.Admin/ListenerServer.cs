using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;

namespace Portcullis.Admin;

/// <summary>
/// Serves an ASP.NET application on one of the gateway's own listeners, so that the admin host has the same address rules,
/// caps, time-outs and TLS as the data plane.
/// </summary>
internal sealed class ListenerServer(ListenerOptions options, ListenerServices services) : IServer
{
    private Listener? listener;

    public IFeatureCollection Features { get; } = new FeatureCollection();

    /// <summary>The running listener; null before the start.</summary>
    public Listener? Listener => listener;

    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
        => listener = await Listener.StartAsync("(admin)", options, application, services);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (listener is not null) await listener.StopAsync(TimeSpan.FromSeconds(5));
    }

    public void Dispose()
    {
        // Stopped by the host before; the listener holds nothing else.
    }
}
