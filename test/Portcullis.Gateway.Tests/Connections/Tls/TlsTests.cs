using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls;

namespace Portcullis.Gateway.Tests.Connections.Tls;

public sealed class TlsTests : CertificateFileTests
{
    [Fact]
    public async Task Tls12_is_refused_unless_allowed()
    {
        await using var strict = await TestListener.StartAsync(TestListener.Tls);
        await using var lenient = await TestListener.StartAsync(TestListener.Tls with { Tls = new TlsOptions { MinimumVersion = TlsVersion.Tls12 } });

        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(strict, SslProtocols.Tls12));
        Assert.Equal(SslProtocols.Tls13, (await HandshakeAsync(strict, SslProtocols.None)).SslProtocol);
        Assert.Equal(SslProtocols.Tls12, (await HandshakeAsync(lenient, SslProtocols.Tls12)).SslProtocol);
        Assert.Equal(SslProtocols.Tls13, (await HandshakeAsync(lenient, SslProtocols.None)).SslProtocol);
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, false)]
    public async Task Tls12_takes_only_suites_with_forward_secrecy_and_authenticated_encryption(TlsCipherSuite suite, bool accepted)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = new TlsOptions { MinimumVersion = TlsVersion.Tls12 } });
        var handshake = HandshakeAsync(listener, SslProtocols.Tls12, suite);

        if (accepted) Assert.Equal(suite, (await handshake).NegotiatedCipherSuite);
        else await Assert.ThrowsAnyAsync<Exception>(() => handshake);
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, false)]
    [InlineData(TlsCipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, false)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256, false)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA, false)]
    public async Task Tls12_with_an_rsa_certificate_takes_no_suite_without_forward_secrecy(TlsCipherSuite suite, bool accepted)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=rsa", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20));
        await File.WriteAllTextAsync(Files.File("rsa.pem"), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = new TlsOptions { Certificate = Files.File("rsa.pem"), MinimumVersion = TlsVersion.Tls12 } });
        var handshake = HandshakeAsync(listener, SslProtocols.Tls12, suite);

        if (accepted) Assert.Equal(suite, (await handshake).NegotiatedCipherSuite);
        else await Assert.ThrowsAnyAsync<Exception>(() => handshake);
    }

    [Theory]
    [InlineData("one.example", "one")]
    [InlineData("ONE.example", "one")]
    [InlineData("api.two.example", "wild")]
    [InlineData("exact.two.example", "exact")]
    [InlineData("deep.api.two.example", "main")]
    [InlineData("two.example", "main")]
    [InlineData("unknown", "main")]
    public async Task Server_name_selects_the_certificate_exact_before_wildcard(string host, string subject)
    {
        Files.Write("main", Issue("main", "main.example"));
        Files.Write("one", Issue("one", "one.example"));
        Files.Write("wild", Issue("wild", "*.two.example"));
        Files.Write("exact", Issue("exact", "exact.two.example"));
        var tls = Options("main") with { AdditionalCertificates = [Further("one"), Further("wild"), Further("exact")] };
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = tls });

        Assert.Equal($"CN={subject}", await SubjectAsync(listener, host));
    }

    [Fact]
    public async Task Intermediates_are_sent()
    {
        using var intermediate = IssueAuthority("Intermediate");
        Files.Write("main", TestCertificates.Issue(intermediate, "leaf", dnsNames: "localhost"), intermediate);
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") });
        var options = RawConnection.TlsOptions("localhost");
        options.RemoteCertificateValidationCallback = null;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.Add(Authority);

        await using var client = await RawConnection.OpenTlsAsync(listener.EndPoint, options);
    }

    [Fact]
    public async Task Every_problem_with_a_certificate_is_told_with_its_file()
    {
        Files.Write("main", Issue("main", "localhost"));
        Files.Write("other", Issue("other", "localhost"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(Files.File("sealed-key.pem"), key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        await File.WriteAllTextAsync(Files.File("garbage.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        await File.WriteAllTextAsync(Files.File("huge.pem"), new string('x', 2_000_000));

        await RefusedAsync("does not exist", new TlsOptions { Certificate = Files.File("absent.pem") });
        await RefusedAsync("does not exist", Options("main") with { PrivateKey = Files.File("absent.pem") });
        await RefusedAsync("does not belong", Options("main") with { PrivateKey = Files.File("other-key.pem") });
        await RefusedAsync("is encrypted", Options("main") with { PrivateKey = Files.File("sealed-key.pem") });
        await RefusedAsync("can't be decrypted", Options("main") with { PrivateKey = Files.File("sealed-key.pem"), PasswordFile = Files.File("main.pem") });
        await RefusedAsync("has no private key", new TlsOptions { Certificate = Files.File("main.pem") });
        await RefusedAsync("has no private key", Options("main") with { PrivateKey = Files.File("main.pem") });
        await RefusedAsync("garbage.pem", Options("main") with { Certificate = Files.File("garbage.pem") });
        await RefusedAsync("larger than 1 MiB", Options("main") with { Certificate = Files.File("huge.pem") });
        await RefusedAsync("clientCertificate needs clientCa", Options("main") with { ClientCertificate = ClientCertificateMode.Required });
        using var intermediate = IssueAuthority("Intermediate");
        await File.WriteAllTextAsync(Files.File("intermediate.pem"), intermediate.ExportCertificatePem());
        await RefusedAsync("has no root certificate", Options("main") with { ClientCertificate = ClientCertificateMode.Required, ClientCa = Files.File("intermediate.pem") });
        await RefusedAsync("say nothing without certificate", new TlsOptions { PrivateKey = Files.File("main-key.pem") });
        await RefusedAsync("no development certificate", new TlsOptions(), TestListener.Services with { DevelopmentCertificate = null });
    }

    [Fact]
    public async Task Encrypted_key_and_pfx_open_with_their_password()
    {
        using var certificate = Issue("main", "localhost");
        Files.Write("main", certificate);
        await File.WriteAllTextAsync(Files.File("password"), "secret\n");
        await File.WriteAllTextAsync(
            Files.File("main-key.pem"),
            certificate.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        await File.WriteAllBytesAsync(Files.File("main.pfx"), certificate.Export(X509ContentType.Pkcs12, "secret"));
        var pem = Options("main") with { PasswordFile = Files.File("password") };
        foreach (var tls in (TlsOptions[])[pem, new TlsOptions { Certificate = Files.File("main.pfx"), PasswordFile = Files.File("password") }])
        {
            await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = tls });
            Assert.Equal("CN=main", await SubjectAsync(listener, "localhost"));
        }
    }

    [Fact]
    public async Task Expired_certificate_is_served_with_a_warning()
    {
        Files.Write("main", TestCertificates.Issue(Authority, "old", days: 0, dnsNames: "localhost"));
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") }, services: TestListener.Services with { Logging = log });

        Assert.Contains("expired on", await log.WaitAsync(1112), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ClientCertificateMode.Required, "none", false)]
    [InlineData(ClientCertificateMode.Required, "good", true)]
    [InlineData(ClientCertificateMode.Required, "stranger", false)]
    [InlineData(ClientCertificateMode.Required, "server", false)]
    [InlineData(ClientCertificateMode.Required, "expired", false)]
    [InlineData(ClientCertificateMode.Optional, "none", true)]
    [InlineData(ClientCertificateMode.Optional, "good", true)]
    [InlineData(ClientCertificateMode.Optional, "stranger", false)]
    [InlineData(ClientCertificateMode.None, "good", true)]
    public async Task Client_certificate_is_held_to_the_authorities(ClientCertificateMode mode, string presented, bool accepted)
    {
        await File.WriteAllTextAsync(Files.File("ca.pem"), Authority.ExportCertificatePem());
        using var strangers = TestCertificates.Authority("Test CA");
        using var certificate = presented switch
        {
            "good" => TestCertificates.Issue(Authority, "client", TestCertificates.ClientAuthentication),
            "stranger" => TestCertificates.Issue(strangers, "client", TestCertificates.ClientAuthentication),
            "server" => TestCertificates.Issue(Authority, "client", TestCertificates.ServerAuthentication),
            "expired" => TestCertificates.Issue(Authority, "client", TestCertificates.ClientAuthentication, days: 0),
            _ => null,
        };
        var seen = string.Empty;
        var application = new EchoApplication
        {
            Handler = async context =>
            {
                seen = context.Get<ITlsConnectionFeature>()?.ClientCertificate?.Subject ?? "none";
                await EchoApplication.AnswerAsync(context, seen);
            },
        };
        await using var listener = await TestListener.StartAsync(
            TestListener.Tls with { Tls = new TlsOptions { ClientCertificate = mode, ClientCa = Files.File("ca.pem") } }, application);

        // More than one connection: a refusal or an acceptance must not hang on the first.
        for (var i = 0; i < 3; i++)
        {
            var options = RawConnection.TlsOptions("localhost");
            if (certificate is not null) options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [], offline: true);
            Assert.Equal(accepted, await GetAsync(listener, options));
        }

        if (accepted) Assert.Equal(presented == "good" && mode != ClientCertificateMode.None ? "CN=client" : "none", seen);
        else Assert.Equal(0, application.Requests);
    }

    [Fact]
    public async Task Handshake_that_stalls_is_cut_and_counted()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = new TlsOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(200) } });
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("\x16\x03\x01");

        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        Assert.Equal(1, listener.Counters.Refused(ConnectionRefusal.Handshake));
    }

    [Fact]
    public void Development_certificate_is_for_this_machine_and_kept()
    {
        var made = DevelopmentCertificate.LoadOrCreate(Files.Directory, TimeProvider.System);
        var names = made.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["localhost", "*.localhost"], names.EnumerateDnsNames());
        Assert.Equal(["127.0.0.1", "::1"], names.EnumerateIPAddresses().Select(address => address.ToString()));
        Assert.Equal(256, made.GetECDsaPublicKey()!.KeySize);
        Assert.InRange((made.NotAfter - made.NotBefore).TotalDays, 396, 398);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Files.File(DevelopmentCertificate.KeyFile)));

        Assert.Equal(made.Thumbprint, DevelopmentCertificate.LoadOrCreate(Files.Directory, TimeProvider.System).Thumbprint);
        File.WriteAllText(Files.File(DevelopmentCertificate.CertificateFile), "damaged");
        Assert.NotEqual(made.Thumbprint, DevelopmentCertificate.LoadOrCreate(Files.Directory, TimeProvider.System).Thumbprint);
    }

    private CertificateOptions Further(string name) => new() { Certificate = Files.File($"{name}.pem"), PrivateKey = Files.File($"{name}-key.pem") };

    private static async Task RefusedAsync(string reason, TlsOptions tls, ListenerServices? services = null)
    {
        var error = await Assert.ThrowsAsync<ListenerException>(() => TestListener.StartAsync(TestListener.Tls with { Tls = tls }, services: services));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static async Task<SslStream> HandshakeAsync(Listener listener, SslProtocols protocols, params TlsCipherSuite[] suites)
    {
        var options = RawConnection.TlsOptions("localhost");
        options.EnabledSslProtocols = protocols;
        if (suites.Length > 0 && !OperatingSystem.IsWindows()) options.CipherSuitesPolicy = new CipherSuitesPolicy(suites);
        return (SslStream)(await RawConnection.OpenTlsAsync(listener.EndPoint, options)).Stream;
    }
}
