using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Portcullis.Admin;

namespace Portcullis.Serving;

/// <summary>The service behind the demo: answers each request with what arrived, on a loopback port of its own.</summary>
internal sealed class EchoUpstream : IAsyncDisposable
{
    private readonly WebApplication application;

    private EchoUpstream(WebApplication application, Uri address)
    {
        this.application = application;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<EchoUpstream> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var application = builder.Build();
        application.Run(EchoAsync);
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new EchoUpstream(application, new Uri(address));
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        long length = 0;
        var buffer = new byte[16 * 1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read) length += read;

        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("method", context.Request.Method);
        json.WriteString("target", context.Request.Path + context.Request.QueryString);
        json.WriteStartObject("headers");
        foreach (var (name, value) in context.Request.Headers)
        {
            // The demo shows what an upstream gets, but a token is nothing to print.
            json.WriteString(name, name == "Authorization" ? "(a bearer token)" : value.ToString());
        }

        json.WriteEndObject();
        json.WriteNumber("bodyBytes", length);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
        await context.Response.BodyWriter.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
    }
}
