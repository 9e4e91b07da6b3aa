using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Testing;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>A test's own application behind a real listener, whose clock stands still.</summary>
internal static class Answer
{
    /// <summary>What every response says the time is.</summary>
    public const string Date = "Date: Tue, 01 Jan 2030 00:00:00 GMT\r\n";

    public const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    public static Task<Listener> ListenAsync(Func<IFeatureCollection, Task> handler, TimeProvider? time = null, ListenerLimits? limits = null)
    {
        var services = TestListener.Services with { Time = time ?? new ManualTimeProvider() };
        return TestListener.StartAsync(TestListener.Plain with { Limits = limits ?? new ListenerLimits() }, new EchoApplication { Handler = handler }, services);
    }

    /// <summary>Every octet that answers the requests, where the client ends its sending behind them.</summary>
    public static async Task<string> ToAsync(string requests, Func<IFeatureCollection, Task> handler)
    {
        await using var listener = await ListenAsync(handler);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(requests);
        client.EndSending();
        return await client.ReadToEndAsync();
    }

    /// <summary>As <see cref="ToAsync"/>, but the server must end the connection by itself.</summary>
    public static async Task<string> ToLastAsync(string requests, Func<IFeatureCollection, Task> handler)
    {
        await using var listener = await ListenAsync(handler);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(requests);
        return await client.ReadToEndAsync();
    }

    /// <summary>What came before the connection was cut, which it must be.</summary>
    public static async Task<string> CutAsync(string requests, Func<IFeatureCollection, Task> handler)
    {
        await using var listener = await ListenAsync(handler);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(requests);
        var text = string.Empty;
        var buffer = new byte[4096];
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (await client.Stream.ReadAsync(buffer).AsTask().WithPatience() is > 0 and var length)
                text += Encoding.Latin1.GetString(buffer, 0, length);
        });
        return text;
    }

    public static IHttpResponseFeature Response(this IFeatureCollection context) => context.GetRequiredFeature<IHttpResponseFeature>();

    public static PipeWriter Writer(this IFeatureCollection context) => context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;

    /// <summary>Puts the text behind what is written, each character one octet, and sends nothing.</summary>
    public static void Write(this IFeatureCollection context, string text)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        octets.CopyTo(context.Writer().GetSpan(octets.Length));
        context.Writer().Advance(octets.Length);
    }

    /// <summary>Sends the text with what is written.</summary>
    public static async Task FlushAsync(this IFeatureCollection context, string text)
    {
        context.Write(text);
        await context.Writer().FlushAsync();
    }
}
