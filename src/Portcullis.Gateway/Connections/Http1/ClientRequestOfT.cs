using Microsoft.AspNetCore.Hosting.Server.Abstractions;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>A request that keeps its application's context from request to request.</summary>
internal sealed class ClientRequest<TContext>(Http1Session session) : ClientRequest(session), IHostContextContainer<TContext>
    where TContext : notnull
{
    public TContext? HostContext { get; set; }
}
