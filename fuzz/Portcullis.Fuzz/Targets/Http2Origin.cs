using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Fuzz.Targets;

/// <summary>Looks at requests as a strict origin would, and answers with their bodies.</summary>
internal sealed class Http2Origin(ListenerLimits limits) : IHttpApplication<IFeatureCollection>
{
    private readonly Lock gate = new();
    private readonly StringBuilder seen = new();
    private Exception? broken;
    private int running;

    /// <summary>Requests in work.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>The requests that came to their end, in the order in which they did.</summary>
    public string Seen
    {
        get
        {
            lock (gate) return seen.ToString();
        }
    }

    public void ThrowIfBroken()
    {
        if (broken is not null) throw new BrokenInvariantException(broken.ToString());
    }

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        Interlocked.Increment(ref running);
        try
        {
            await ServeAsync(context);
        }
        catch (Exception e) when (e is BadHttpRequestException or ConnectionResetException)
        {
            // The client broke its body or is gone.
            throw;
        }
        catch (Exception e)
        {
            broken ??= e;
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    private async Task ServeAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        var head = HoldHead(request);
        var reader = context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        var writer = context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
        var stated = request.Headers.ContentLength;
        var body = new StringBuilder();
        while (true)
        {
            var read = await reader.ReadAsync();
            foreach (var part in read.Buffer)
            {
                body.Append(Encoding.Latin1.GetString(part.Span));
                await writer.WriteAsync(part);
            }

            reader.AdvanceTo(read.Buffer.End);
            BrokenInvariantException.Unless(body.Length <= limits.BodyBytes, "no body is longer than its limit");
            if (read.IsCompleted) break;
        }

        BrokenInvariantException.Unless(stated is null || stated == body.Length || !CanHaveBody(context), "a body is as long as it said");
        var trailers = context.GetRequiredFeature<IHttpRequestTrailersFeature>();
        BrokenInvariantException.Unless(trailers.Available, "trailer fields are known behind the body");
        BrokenInvariantException.Unless(!trailers.Trailers.ContainsKey("Content-Length"), "no length comes behind a body");
        foreach (var (name, values) in trailers.Trailers) HoldField(name, values);
        lock (gate) seen.Append(head).Append(body).Append('\n').Append(string.Join('|', trailers.Trailers)).Append('\n');
    }

    private static bool CanHaveBody(IFeatureCollection context) => context.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody;

    private string HoldHead(IHttpRequestFeature request)
    {
        BrokenInvariantException.Unless(FieldSyntax.IsToken(request.Method), "a method is a token");
        BrokenInvariantException.Unless(request.RawTarget.Length > 0 && FieldLine.IsValue(Encoding.Latin1.GetBytes(request.RawTarget)), "a target is text");
        BrokenInvariantException.Unless(request.RawTarget.Length <= Math.Max(limits.RequestLineBytes, limits.HeaderBytes + limits.RequestLineBytes), "a target keeps to its limit");
        var head = new StringBuilder($"{request.Method} {request.RawTarget}");
        var lines = 0;
        var size = 0L;
        foreach (var (name, values) in request.Headers)
        {
            HoldField(name, values);
            lines += values.Count;
            size += values.Sum(value => (long)name.Length + value!.Length);
            head.Append('\n').Append(name).Append('=').Append(values.ToString());
        }

        BrokenInvariantException.Unless(request.Headers.Cookie.Count <= 1, "cookies are one field");
        BrokenInvariantException.Unless(lines <= limits.HeaderCount + 1, "fields are no more than their limit"); // Host may be :authority
        BrokenInvariantException.Unless(size <= limits.HeaderBytes + limits.RequestLineBytes, "fields keep to their limit");
        return head.Append('\n').ToString();
    }

    private static void HoldField(string name, in Microsoft.Extensions.Primitives.StringValues values)
    {
        BrokenInvariantException.Unless(FieldSyntax.IsToken(name), "a field name is a token");
        foreach (var value in values) BrokenInvariantException.Unless(FieldLine.IsValue(Encoding.Latin1.GetBytes(value!)), "a field value is text");
    }
}
