using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls;

namespace Portcullis.Gateway.Tests.Connections;

/// <summary>Starts listeners on free ports of the loopback address.</summary>
internal static class TestListener
{
    public static readonly ListenAddress AnyPort = ListenAddress.Parse("127.0.0.1:0", null);

    private static readonly Lazy<X509Certificate2> Certificate = new(() =>
    {
        using var directory = new TemporaryDirectory();
        return DevelopmentCertificate.LoadOrCreate(directory.Path, TimeProvider.System);
    });

    public static readonly ListenerServices Services = new() { DevelopmentCertificate = () => Certificate.Value };

    public static ListenerOptions Plain => new() { Address = AnyPort };

    public static ListenerOptions Tls => new() { Address = AnyPort, Tls = new TlsOptions() };

    public static Task<Listener> StartAsync(ListenerOptions options, EchoApplication? application = null, ListenerServices? services = null)
        => Listener.StartAsync<IFeatureCollection>("test", options, application ?? new EchoApplication(), services ?? Services);

    /// <summary>An address that was free a moment ago.</summary>
    public static async Task<ListenAddress> FreeAddressAsync()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        return new ListenAddress(listener.EndPoint);
    }
}
