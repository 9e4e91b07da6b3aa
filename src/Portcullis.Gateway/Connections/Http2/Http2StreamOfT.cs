using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>A stream that keeps its application's context from request to request.</summary>
internal sealed class Http2Stream<TContext>(Http2Session session, ClientApplication<TContext> application) : Http2Stream(session), IHostContextContainer<TContext>
    where TContext : notnull
{
    private TContext? context;

    public TContext? HostContext { get; set; }

    public override ValueTask<Verdict> ProcessAsync() => application.ProcessAsync(this, out context);

    public override void EndProcessing(Exception? failure) => application.End(ref context, failure);
}
