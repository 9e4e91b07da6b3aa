using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Portcullis.Gateway.Connections;

/// <summary>A server, the options that it reads while it runs, and the container that made both.</summary>
internal sealed class KestrelServerHandle(IServer server, KestrelServerOptions options, ServiceProvider container, IReadOnlyList<IDisposable> leftovers) : IAsyncDisposable
{
    public IServer Server => server;

    public KestrelServerOptions Options => options;

    public async ValueTask DisposeAsync()
    {
        await container.DisposeAsync();
        foreach (var leftover in leftovers) leftover.Dispose();
    }
}
