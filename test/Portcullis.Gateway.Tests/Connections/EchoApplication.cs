using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Tests.Connections;

/// <summary>A bare application: reads the body, answers 200 with what it saw, or does what a test tells it.</summary>
internal sealed class EchoApplication : IHttpApplication<IFeatureCollection>
{
    private int requests;

    /// <summary>Requests that reached the application.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>Replaces the answer.</summary>
    public Func<IFeatureCollection, Task>? Handler { get; init; }

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        Interlocked.Increment(ref requests);
        if (Handler is not null)
        {
            await Handler(context);
            return;
        }

        await EchoAsync(context);
    }

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    public static async Task EchoAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var text = $"{request.Protocol} {request.Method} {request.RawTarget} {context.GetRequiredFeature<IHttpConnectionFeature>().RemoteIpAddress} body={body.Length}";
        await AnswerAsync(context, text);
    }

    public static async Task AnswerAsync(IFeatureCollection context, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var response = context.GetRequiredFeature<IHttpResponseFeature>();
        response.Headers.ContentLength = bytes.Length;
        await context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(bytes);
    }
}

internal static class EchoRequests
{
    public static string GetRequiredPath(this IFeatureCollection context) => context.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
}
