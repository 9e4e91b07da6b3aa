using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Connections;

/// <summary>What the requests of a listener go to.</summary>
/// <typeparam name="TContext">What the application makes of a request.</typeparam>
internal sealed class ClientApplication<TContext>(IHttpApplication<TContext> application)
    where TContext : notnull
{
    private readonly IReusingApplication<TContext>? reusing = application as IReusingApplication<TContext>;

    /// <summary>Runs the application for a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="context">What <see cref="End"/> is to get; set before anything can fail that the application would have to be told of.</param>
    public ValueTask<Verdict> ProcessAsync(IFeatureCollection request, out TContext? context)
    {
        context = default;
        var made = application.CreateContext(request);
        context = made;
        return reusing is not null ? reusing.ProcessAsync(made) : ProcessByTaskAsync(made);
    }

    /// <summary>Lets the application close its books on the request, once.</summary>
    public void End(ref TContext? context, Exception? failure)
    {
        if (context is not { } ended) return;
        context = default;
        application.DisposeContext(ended, failure);
    }

    private async ValueTask<Verdict> ProcessByTaskAsync(TContext processed)
    {
        await application.ProcessRequestAsync(processed);
        return Verdict.Responded;
    }
}
