using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Connections;

/// <summary>An application whose processing of a request makes no task: its state is reused from request to request.</summary>
internal interface IReusingApplication<in TContext>
{
    /// <summary>As <see cref="Microsoft.AspNetCore.Hosting.Server.IHttpApplication{TContext}.ProcessRequestAsync"/>; to be awaited once.</summary>
    ValueTask<Verdict> ProcessAsync(TContext context);
}
