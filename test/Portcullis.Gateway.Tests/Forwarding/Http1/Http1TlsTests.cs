using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

public sealed class Http1TlsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("portcullis-tls-");
    private readonly X509Certificate2 authority = Authority("CN=authority");

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Certificate_of_the_own_authority_is_accepted_and_the_connection_reused()
    {
        var body = new string('x', 300_000);
        await using var server = Server(Leaf("upstream.example"), $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await using var client = Client(server, new UpstreamTlsOptions { Ca = Pem(authority), ServerName = "upstream.example" });

        for (var i = 0; i < 3; i++)
            Assert.Equal(body, (await client.GetAsync()).Body);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task Certificate_for_another_name_is_refused()
    {
        await using var server = Server(Leaf("other.example"));
        await using var client = Client(server, new UpstreamTlsOptions { Ca = Pem(authority), ServerName = "upstream.example" });

        await RefusedAsync(client);
    }

    [Fact]
    public async Task Certificate_of_an_unknown_authority_is_refused_also_with_an_own_one()
    {
        using var stranger = Authority("CN=authority");
        await using var server = Server(Leaf("upstream.example", stranger));
        await using var own = Client(server, new UpstreamTlsOptions { Ca = Pem(authority), ServerName = "upstream.example" });
        await using var system = Client(server, new UpstreamTlsOptions { ServerName = "upstream.example" });

        await RefusedAsync(own);
        await RefusedAsync(system);
    }

    [Fact]
    public async Task Certificate_that_has_expired_or_is_no_servers_is_refused()
    {
        await using var expired = Server(Leaf("upstream.example", days: -1));
        await using var first = Client(expired, new UpstreamTlsOptions { Ca = Pem(authority), ServerName = "upstream.example" });
        await using var clients = Server(Leaf("upstream.example", usage: "1.3.6.1.5.5.7.3.2"));
        await using var second = Client(clients, new UpstreamTlsOptions { Ca = Pem(authority), ServerName = "upstream.example" });

        await RefusedAsync(first);
        await RefusedAsync(second);
    }

    [Fact]
    public async Task Any_certificate_is_accepted_only_where_that_is_said_frankly()
    {
        using var stranger = Authority("CN=stranger");
        await using var server = Server(Leaf("other.example", stranger));
        await using var client = Client(server, new UpstreamTlsOptions { DangerouslyAcceptAnyCertificate = true });

        Assert.Equal(200, (await client.GetAsync()).Status);
    }

    [Fact]
    public async Task Client_certificate_is_shown_and_name_indication_sent()
    {
        string? shown = null;
        string? named = null;
        using var own = Leaf("gateway.example", usage: "1.3.6.1.5.5.7.3.2");
        var leaf = Leaf("upstream.example");
        await using var server = new RawServer(
            async peer =>
            {
                shown = ((SslStream)peer.Stream).RemoteCertificate?.Subject;
                named = ((SslStream)peer.Stream).TargetHostName;
                await peer.ReadHeadAsync();
                await peer.WriteAsync("HTTP/1.1 204 No\r\n\r\n");
            },
            new SslServerAuthenticationOptions
            {
                ServerCertificate = leaf,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            });
        var key = Path.Combine(folder.FullName, "client.key");
        await File.WriteAllTextAsync(key, own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await using var client = Client(
            server, new UpstreamTlsOptions { Ca = Pem(authority), ServerName = "upstream.example", Certificate = Pem(own), PrivateKey = key });

        Assert.Equal(204, (await client.GetAsync()).Status);
        Assert.Equal("CN=gateway.example", shown);
        Assert.Equal("upstream.example", named);
    }

    [Fact]
    public async Task Server_that_speaks_no_tls_is_a_tls_error()
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
            await peer.ClosedAsync();
        });
        await using var client = Client(server, new UpstreamTlsOptions());

        await RefusedAsync(client);
    }

    [Fact]
    public async Task Server_that_never_shakes_hands_is_left_after_the_connect_timeout()
    {
        await using var server = new RawServer(peer => peer.ClosedAsync());
        var clock = new ManualTimeProvider();
        await using var client = new TestClient(
            server, new ConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(5) }, clock, new UpstreamTlsOptions());

        var sending = client.GetAsync();
        await clock.AdvanceUntilAsync(sending);

        Assert.Equal(ForwardError.Connect, (await sending).Error);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Octets_behind_a_response_that_the_tls_stream_holds_never_answer_the_next_request()
    {
        // Head and body fill one record, and the gateway's buffer, to the octet; what follows stays within the TLS stream.
        const string Head = "HTTP/1.1 200 OK\r\nContent-Length: 16342\r\n\r\n";
        var first = Head + new string('x', 16_384 - Head.Length);
        var certificate = Leaf("upstream.example");
        await using var server = new RawServer(async peer =>
        {
            var held = new HeldStream(peer.Stream);
            await using var tls = new SslStream(held);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate });
            var secured = new RawPeer(tls, peer.Socket, peer.Number);
            while (await secured.ReadHeadAsync() is not null)
            {
                held.Hold();
                await secured.WriteAsync(first);
                await secured.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                await held.ReleaseAsync();
            }
        });
        await using var client = Client(server, new UpstreamTlsOptions { Ca = Pem(authority), ServerName = "upstream.example" });
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(first[Head.Length..], (await client.GetAsync()).Body);
            Assert.Equal(i, server.Accepted);
        }
    }

    [Theory]
    [InlineData(true, ForwardError.None)]
    [InlineData(false, ForwardError.ResponseBody)]
    public async Task Body_that_ends_with_the_connection_is_whole_only_where_the_upstream_said_so(bool notifies, ForwardError error)
    {
        await using var server = new RawServer(
            async peer =>
            {
                await peer.ReadHeadAsync();
                await peer.WriteAsync("HTTP/1.1 200 OK\r\n\r\nall there is, or is it?");
                if (notifies) await ((SslStream)peer.Stream).ShutdownAsync();
            },
            new SslServerAuthenticationOptions { ServerCertificate = Leaf("upstream.example") });
        await using var client = Client(server, new UpstreamTlsOptions { Ca = Pem(authority), ServerName = "upstream.example" });
        Assert.Equal(error, (await client.GetAsync()).Copy.Error);
    }

    private static async Task RefusedAsync(TestClient client)
    {
        var reply = await client.GetAsync();
        Assert.Equal(ForwardError.Tls, reply.Error);
        Assert.NotEmpty(reply.Cause!);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    private static RawServer Server(X509Certificate2 certificate, string response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") => new(
        async peer =>
        {
            while (await peer.ReadHeadAsync() is not null)
                await peer.WriteAsync(response);
        },
        new SslServerAuthenticationOptions { ServerCertificate = certificate });

    private static TestClient Client(RawServer server, UpstreamTlsOptions options) => new(server, tls: options);

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
    }

    private X509Certificate2 Leaf(string host, X509Certificate2? issuer = null, int days = 10, string usage = "1.3.6.1.5.5.7.3.1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        using var signed = request.Create(issuer ?? authority, DateTimeOffset.UtcNow.AddDays(-20), DateTimeOffset.UtcNow.AddDays(days), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private string Pem(X509Certificate2 certificate)
    {
        var path = Path.Combine(folder.FullName, $"{certificate.SerialNumber}.pem");
        File.WriteAllText(path, certificate.ExportCertificatePem());
        return path;
    }
}
