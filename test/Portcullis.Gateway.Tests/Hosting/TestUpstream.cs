using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Portcullis.Gateway.Tests.Hosting;

/// <summary>A real service on a loopback port.</summary>
internal sealed class TestUpstream : IAsyncDisposable
{
    private readonly WebApplication application;

    private TestUpstream(WebApplication application, Uri address)
    {
        this.application = application;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>The address as configuration text has it.</summary>
    public string Url => Address.GetLeftPart(UriPartial.Authority);

    public static async Task<TestUpstream> StartAsync(RequestDelegate handler, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var application = builder.Build();
        application.Run(handler);
        await application.StartAsync();
        return new TestUpstream(application, new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await application.StopAsync(now.Token);
        await application.DisposeAsync();
    }
}
