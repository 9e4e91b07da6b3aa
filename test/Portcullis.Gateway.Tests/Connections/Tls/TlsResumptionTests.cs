using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls.OpenSsl;
using Portcullis.Gateway.Tests.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Connections.Tls;

/// <summary>
/// When clients come back by a session ticket and when they must not. Whether one did shows in the octets that the server sent for the
/// handshake: a resumed one has no certificate in it.
/// </summary>
public sealed class TlsResumptionTests : IDisposable
{
    private readonly TestCertificates files = new();
    private readonly X509Certificate2 authority = TestCertificates.Authority("Test CA");

    // A name of its own keeps the client's session cache apart from that of other tests.
    private readonly string host = $"{Guid.NewGuid():N}.example";

    public void Dispose()
    {
        files.Dispose();
        authority.Dispose();
    }

    [Fact]
    public async Task Session_is_resumed()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);

        Assert.False(await ResumesAsync(listener));
        Assert.True(await ResumesAsync(listener));
    }

    [Fact]
    public async Task Session_outlives_a_reload_that_changes_nothing_about_tls()
    {
        files.Write("main", TestCertificates.Issue(authority, "main", dnsNames: "localhost"));
        var options = TestListener.Tls with { Tls = new TlsOptions { Certificate = files.File("main.pem"), PrivateKey = files.File("main-key.pem") } };
        await using var set = new ListenerSet<IFeatureCollection>(new EchoApplication(), TestListener.Services, TimeSpan.FromSeconds(1));
        Assert.Empty(await set.ApplyAsync(Only(options)));
        Assert.False(await ResumesAsync(set.Current["test"]));

        Assert.Empty(await set.ApplyAsync(Only(options with { Tls = options.Tls! with { AdditionalCertificates = [] }, Limits = new ListenerLimits { HeaderCount = 50 } })));

        Assert.True(await ResumesAsync(set.Current["test"]));
    }

    [Fact]
    public async Task Session_does_not_outlive_its_certificate()
    {
        files.Write("main", TestCertificates.Issue(authority, "before", dnsNames: "localhost"));
        var options = TestListener.Tls with { Tls = new TlsOptions { Certificate = files.File("main.pem"), PrivateKey = files.File("main-key.pem") } };
        await using var set = new ListenerSet<IFeatureCollection>(new EchoApplication(), TestListener.Services, TimeSpan.FromSeconds(1));
        Assert.Empty(await set.ApplyAsync(Only(options)));
        Assert.False(await ResumesAsync(set.Current["test"]));

        files.Write("main", TestCertificates.Issue(authority, "after", dnsNames: "localhost"));
        Assert.Empty(await set.ApplyAsync(Only(options)));

        Assert.Equal("CN=after", Assert.Single(set.Current["test"].Certificates).Subject);
        Assert.False(await ResumesAsync(set.Current["test"]));
    }

    [Fact]
    public async Task Client_with_a_certificate_shows_it_on_each_connection_and_is_cut_off_with_its_authority()
    {
        await File.WriteAllTextAsync(files.File("ca.pem"), authority.ExportCertificatePem());
        using var certificate = TestCertificates.Issue(authority, "client", TestCertificates.ClientAuthentication);
        var options = TestListener.Tls with { Tls = new TlsOptions { ClientCertificate = ClientCertificateMode.Required, ClientCa = files.File("ca.pem") } };
        await using var set = new ListenerSet<IFeatureCollection>(new EchoApplication(), TestListener.Services, TimeSpan.FromSeconds(1));
        Assert.Empty(await set.ApplyAsync(Only(options)));
        Assert.False(await ResumesAsync(set.Current["test"], certificate));
        Assert.False(await ResumesAsync(set.Current["test"], certificate));

        using var other = TestCertificates.Authority("Other CA");
        await File.WriteAllTextAsync(files.File("ca.pem"), other.ExportCertificatePem());
        Assert.Empty(await set.ApplyAsync(Only(options)));

        await Assert.ThrowsAnyAsync<Exception>(() => ResumesAsync(set.Current["test"], certificate));
    }

    [Fact]
    public async Task Keys_are_replaced_in_their_time_however_often_the_configuration_changes()
    {
        Assert.SkipUnless(OpenSslLibrary.IsUsable, "elsewhere the keys are the system's");
        var clock = new ManualTimeProvider();
        using var log = new SignalLogging();
        await using var set = new ListenerSet<IFeatureCollection>(new EchoApplication(), TestListener.Services with { Time = clock, Logging = log }, TimeSpan.FromSeconds(1));
        Assert.Empty(await set.ApplyAsync(Only(TestListener.Tls)));
        Assert.False(await ResumesAsync(set.Current["test"]));

        clock.Advance(TicketKeys.Period / 2);
        Assert.Empty(await set.ApplyAsync(Only(TestListener.Tls with { Limits = new ListenerLimits { HeaderCount = 50 } })));
        Assert.True(await ResumesAsync(set.Current["test"]));
        clock.Advance((TicketKeys.Period / 2) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, log.Count(1115));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, log.Count(1115));
    }

    private static Dictionary<string, ListenerOptions> Only(ListenerOptions options) => new(StringComparer.Ordinal) { ["test"] = options };

    private async Task<bool> ResumesAsync(Listener listener, X509Certificate2? certificate = null)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(listener.EndPoint);
        await using var counted = new CountedStream(new NetworkStream(socket));
        await using var tls = new SslStream(counted);
        var options = RawConnection.TlsOptions(host);
        options.EnabledSslProtocols = SslProtocols.Tls13;
        if (certificate is not null) options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [], offline: true);
        await tls.AuthenticateAsClientAsync(options).WaitAsync(Eventually.Patience);
        var received = counted.Received;

        // The ticket comes with or before the first answer.
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 200", await new StreamReader(tls).ReadToEndAsync().WaitAsync(Eventually.Patience), StringComparison.Ordinal);
        return received < 400;
    }

    private sealed class CountedStream(Stream inner) : Stream
    {
        public int Received { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Received += read;
            return read;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
