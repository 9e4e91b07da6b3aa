using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Connecting;
using Portcullis.Gateway.Tests.Forwarding.Http1;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>TLS towards upstreams: who is believed and what is shown.</summary>
public sealed class UpstreamTlsTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("portcullis-upstream-tls-");
    private readonly X509Certificate2 authority;
    private readonly X509Certificate2 server;

    public UpstreamTlsTests()
    {
        authority = Issue("CN=Test Authority", null);
        server = Issue("CN=orders.internal", authority, "orders.internal");
        File.WriteAllText(PathOf("ca.pem"), authority.ExportCertificatePem());
    }

    public static TheoryData<TransportKind> All => Transports.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Certificate_of_the_named_authority_is_believed_whatever_host_the_client_says(TransportKind kind)
    {
        string? name = null;
        await using var upstream = await kind.UpstreamAsync(static context => context.Response.WriteAsync(context.Request.Protocol), server, https =>
        {
            https.ServerCertificate = null;
            https.ServerCertificateSelector = (_, asked) =>
            {
                name = asked;
                return server;
            };
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, Secured(upstream, new() { Ca = PathOf("ca.pem"), ServerName = "orders.internal" }));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "shop.example" } };
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(kind == TransportKind.Http2 ? "HTTP/2" : "HTTP/1.1", await response.Content.ReadAsStringAsync());
        Assert.Equal("orders.internal", name);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Certificate_of_an_unknown_authority_is_502(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static context => context.Response.WriteAsync("secret"), server);
        await using var gateway = await ForwardingBench.StartAsync(kind, Secured(upstream, new() { ServerName = "orders.internal" }));
        using var response = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.StartsWith("Tls", gateway.LastCause, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Certificate_for_another_name_is_502(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static context => context.Response.WriteAsync("secret"), server);
        await using var gateway = await ForwardingBench.StartAsync(kind, Secured(upstream, new() { Ca = PathOf("ca.pem"), ServerName = "payments.internal" }));
        using var response = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.StartsWith("Tls", gateway.LastCause, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_certificate_is_shown(TransportKind kind)
    {
        WriteClient("CN=gateway");
        await using var upstream = await kind.UpstreamAsync(static context => context.Response.WriteAsync(context.Connection.ClientCertificate!.Subject), server, static https =>
        {
            https.ClientCertificateMode = Microsoft.AspNetCore.Server.Kestrel.Https.ClientCertificateMode.RequireCertificate;
            https.AllowAnyClientCertificate();
        });
        var tls = new UpstreamTlsOptions { Ca = PathOf("ca.pem"), ServerName = "orders.internal", Certificate = PathOf("client.pem"), PrivateKey = PathOf("client.key") };
        await using var gateway = await ForwardingBench.StartAsync(kind, Secured(upstream, tls));
        Assert.Equal("CN=gateway", await gateway.Client.GetStringAsync("/"));
    }

    [Fact]
    public async Task Renewed_authority_counts_from_the_next_reload_and_an_unreadable_one_changes_nothing()
    {
        using var other = Issue("CN=Other Authority", null);
        await using var upstream = await TestUpstream.StartAsync(static context => context.Response.WriteAsync(context.Connection.Id), certificate: server);
        var text = Configuration(upstream, $"ca: \"{PathOf("ca.pem")}\", serverName: orders.internal");
        await using var gateway = await TestGateway.StartAsync(text);
        using var client = gateway.Client();
        var first = await client.GetStringAsync(gateway.Address());

        // The file alone changes nothing, and neither does a reload while it can't be read: even the connection stays.
        File.WriteAllText(PathOf("ca.pem"), "no certificate");
        Assert.Equal(first, await client.GetStringAsync(gateway.Address()));
        Assert.Contains("clusters.main.tls.ca", Assert.Single(await gateway.ApplyAsync(text)), StringComparison.Ordinal);
        Assert.Equal(first, await client.GetStringAsync(gateway.Address()));

        File.WriteAllText(PathOf("ca.pem"), other.ExportCertificatePem());
        Assert.Empty(await gateway.ApplyAsync(text));
        using (var refused = await client.GetAsync(gateway.Address())) Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        Assert.StartsWith("Tls", (await gateway.DecisionsAsync(4))[3].GetProperty("cause").GetString(), StringComparison.Ordinal);

        File.WriteAllText(PathOf("ca.pem"), other.ExportCertificatePem() + "\n" + authority.ExportCertificatePem());
        Assert.Empty(await gateway.ApplyAsync(text));
        Assert.NotEqual(first, await client.GetStringAsync(gateway.Address()));
    }

    [Fact]
    public async Task Renewed_client_certificate_is_shown_from_the_next_reload()
    {
        await using var upstream = await TestUpstream.StartAsync(
            static context => context.Response.WriteAsync(context.Connection.ClientCertificate!.Subject),
            certificate: server,
            configureTls: static https =>
            {
                https.ClientCertificateMode = Microsoft.AspNetCore.Server.Kestrel.Https.ClientCertificateMode.RequireCertificate;
                https.AllowAnyClientCertificate();
            });
        var text = Configuration(
            upstream, $"ca: \"{PathOf("ca.pem")}\", serverName: orders.internal, certificate: \"{PathOf("client.pem")}\", privateKey: \"{PathOf("client.key")}\"");
        WriteClient("CN=gateway");
        await using var gateway = await TestGateway.StartAsync(text);
        using var client = gateway.Client();
        Assert.Equal("CN=gateway", await client.GetStringAsync(gateway.Address()));

        WriteClient("CN=gateway renewed");
        Assert.Equal("CN=gateway", await client.GetStringAsync(gateway.Address()));
        Assert.Empty(await gateway.ApplyAsync(text));
        Assert.Equal("CN=gateway renewed", await client.GetStringAsync(gateway.Address()));

        // A certificate whose key has not been renewed with it.
        using (var another = Issue("CN=gateway of no key", authority)) File.WriteAllText(PathOf("client.pem"), another.ExportCertificatePem());
        Assert.Contains("clusters.main.tls.", Assert.Single(await gateway.ApplyAsync(text)), StringComparison.Ordinal);
        Assert.Equal("CN=gateway renewed", await client.GetStringAsync(gateway.Address()));
    }

    [Fact]
    public async Task No_certificate_makes_the_gateway_fetch_another()
    {
        // RFC 5280 §4.2.2.1: the leaf says where its issuer's certificate is to be had.
        await using var bait = RawUpstream.Saying("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
        using var leaf = Issue("CN=orders.internal", authority, "orders.internal", new Uri(bait.Address, "/issuer.cer"));

        // Offline: a server that builds its own chain looks for the issuer as well.
        await using var upstream = new RawServer(
            peer => peer.ClosedAsync(),
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(leaf, null, offline: true),
                ApplicationProtocols = [SslApplicationProtocol.Http11, SslApplicationProtocol.Http2],
            });
        var url = new Uri($"https://127.0.0.1:{upstream.Port}");
        foreach (var kind in new[] { TransportKind.Http1, TransportKind.Http2 })
        {
            var cluster = ForwardingBench.Cluster(url) with { Tls = new() { ServerName = "orders.internal" }, Retries = 0 };
            await using var gateway = await ForwardingBench.StartAsync(kind, cluster);
            using var response = await gateway.Client.GetAsync("/");
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
            Assert.StartsWith("Tls", gateway.LastCause, StringComparison.Ordinal);
        }

        using var handler = new SocketsHttpHandler { UseProxy = false };
        GuardedConnections.Apply(handler, new NetworkOptions(), TimeProvider.System);
        using var guarded = new HttpClient(handler);
        await Assert.ThrowsAsync<HttpRequestException>(() => guarded.GetAsync(url));
        Assert.Equal(3, upstream.Accepted);
        Assert.Equal(0, bait.Connections);
    }

    public void Dispose()
    {
        authority.Dispose();
        server.Dispose();
        directory.Delete(recursive: true);
    }

    private static ClusterOptions Secured(TestUpstream upstream, UpstreamTlsOptions tls) => ForwardingBench.Cluster(upstream.Address) with { Tls = tls, Retries = 0 };

    private static X509Certificate2 Issue(string subject, X509Certificate2? issuer, string? dnsName = null, Uri? issuerAt = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var (from, to) = (new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2049, 1, 1, 0, 0, 0, TimeSpan.Zero));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, critical: true));
        if (issuer is null) return request.CreateSelfSigned(from, to);

        if (dnsName is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(dnsName);
            request.CertificateExtensions.Add(names.Build());
        }

        if (issuerAt is not null) request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerAt.AbsoluteUri]));
        using var certificate = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(12));
        return certificate.CopyWithPrivateKey(key);
    }

    private static string Configuration(TestUpstream upstream, string tls) =>
        $$"""
        listeners:
          public: { address: 127.0.0.1:0 }
        clusters:
          main: { destinations: ["{{upstream.Url}}"], retries: 0, tls: { {{tls}} } }
        routes:
          all: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } }
        telemetry: { decisionLog: "{decisionLog}" }
        """;

    private void WriteClient(string subject)
    {
        using var client = Issue(subject, authority);
        File.WriteAllText(PathOf("client.pem"), client.ExportCertificatePem());
        File.WriteAllText(PathOf("client.key"), client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private string PathOf(string name) => Path.Combine(directory.FullName, name);
}
