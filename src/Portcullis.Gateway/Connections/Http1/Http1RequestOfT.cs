using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>A request that keeps its application's context from request to request.</summary>
internal sealed class Http1Request<TContext>(Http1Session session, ClientApplication<TContext> application) : Http1Request(session), IHostContextContainer<TContext>
    where TContext : notnull
{
    private TContext? context;

    public TContext? HostContext { get; set; }

    public override ValueTask<Verdict> ProcessAsync() => application.ProcessAsync(this, out context);

    public override void EndProcessing(Exception? failure) => application.End(ref context, failure);
}
