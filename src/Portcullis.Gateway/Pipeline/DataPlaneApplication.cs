using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Connections;

namespace Portcullis.Gateway.Pipeline;

/// <summary>What a listener's server hands its requests to: pairs each with an <see cref="Exchange"/> and runs it.</summary>
/// <remarks>
/// The exchange is kept with the connection (HTTP/1.1) or the pooled stream (HTTP/2) and reused, so a request allocates none.
/// </remarks>
internal sealed class DataPlaneApplication(RequestRunner runner) : IHttpApplication<Exchange>, IReusingApplication<Exchange>
{
    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        Exchange exchange;
        if (contextFeatures is IHostContextContainer<Exchange> container)
        {
            exchange = container.HostContext ??= new Exchange();
        }
        else
        {
            exchange = new Exchange();
        }

        runner.Begin(exchange, contextFeatures);
        return exchange;
    }

    public Task ProcessRequestAsync(Exchange context) => runner.RunAsync(context).AsTask();

    public ValueTask<Verdict> ProcessAsync(Exchange context) => runner.RunAsync(context);

    public void DisposeContext(Exchange context, Exception? exception)
    {
        try
        {
            runner.Complete(context);
        }
        finally
        {
            // Whatever happened to the record: the next request must find nothing of this one, its caller least of all.
            context.End();
        }
    }
}
