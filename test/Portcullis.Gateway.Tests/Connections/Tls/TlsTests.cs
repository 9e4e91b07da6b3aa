using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls;

namespace Portcullis.Gateway.Tests.Connections.Tls;

public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates files = new();
    private readonly X509Certificate2 authority = TestCertificates.Authority("Test CA");

    public void Dispose()
    {
        files.Dispose();
        authority.Dispose();
    }

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
        await File.WriteAllTextAsync(files.File("rsa.pem"), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = new TlsOptions { Certificate = files.File("rsa.pem"), MinimumVersion = TlsVersion.Tls12 } });
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
        files.Write("main", Issue("main", "main.example"));
        files.Write("one", Issue("one", "one.example"));
        files.Write("wild", Issue("wild", "*.two.example"));
        files.Write("exact", Issue("exact", "exact.two.example"));
        var tls = Options("main") with { AdditionalCertificates = [Further("one"), Further("wild"), Further("exact")] };
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = tls });

        Assert.Equal($"CN={subject}", await SubjectAsync(listener, host));
    }

    [Fact]
    public async Task Intermediates_are_sent()
    {
        using var intermediate = IssueAuthority("Intermediate");
        files.Write("main", TestCertificates.Issue(intermediate, "leaf", dnsNames: "localhost"), intermediate);
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") });
        var options = RawConnection.TlsOptions("localhost");
        options.RemoteCertificateValidationCallback = null;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.Add(authority);

        await using var client = await RawConnection.OpenTlsAsync(listener.EndPoint, options);
    }

    [Fact]
    public async Task Certificate_renamed_over_is_served_without_restart()
    {
        files.Write("main", Issue("before", "localhost"));
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") }, services: TestListener.Services with { Logging = log });
        await using var open = await RawConnection.OpenTlsAsync(listener.EndPoint, RawConnection.TlsOptions("localhost"));
        await log.WaitAsync(1110);

        files.Write("next", Issue("after", "localhost"));
        File.Move(files.File("next-key.pem"), files.File("main-key.pem"), overwrite: true);
        File.Move(files.File("next.pem"), files.File("main.pem"), overwrite: true);
        await log.WaitAsync(1110);

        Assert.Equal("CN=after", await SubjectAsync(listener, "localhost"));
        await open.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await open.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_authorities_renamed_over_hold_without_restart(bool hasOwnCertificate)
    {
        files.Write("main", Issue("main", "localhost"));
        await File.WriteAllTextAsync(files.File("ca.pem"), authority.ExportCertificatePem());
        using var others = TestCertificates.Authority("Other CA");
        var (one, other) = (Client(authority), Client(others));
        using var log = new SignalLogging();
        var tls = (hasOwnCertificate ? Options("main") : new TlsOptions()) with { ClientCertificate = ClientCertificateMode.Required, ClientCa = files.File("ca.pem") };
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = tls }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);
        Assert.Equal((true, false), (await GetAsync(listener, one), await GetAsync(listener, other)));

        await File.WriteAllTextAsync(files.File("next.pem"), others.ExportCertificatePem());
        File.Move(files.File("next.pem"), files.File("ca.pem"), overwrite: true);
        await log.WaitAsync(1110);
        Assert.Equal((false, true), (await GetAsync(listener, one), await GetAsync(listener, other)));

        // A file that can't be used takes no one in and turns no one away.
        await File.WriteAllTextAsync(files.File("ca.pem"), "no certificate");
        await log.WaitAsync(1111);
        Assert.Equal((false, true), (await GetAsync(listener, one), await GetAsync(listener, other)));

        static SslClientAuthenticationOptions Client(X509Certificate2 issuer)
        {
            var options = RawConnection.TlsOptions("localhost");
            options.ClientCertificateContext = SslStreamCertificateContext.Create(TestCertificates.Issue(issuer, "client", TestCertificates.ClientAuthentication), [], offline: true);
            return options;
        }
    }

    [Fact]
    public async Task Certificate_is_served_without_restart_though_its_directory_changes_all_the_time()
    {
        files.Write("main", Issue("before", "localhost"));
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);
        using var busy = new CancellationTokenSource();
        var noise = Task.WhenAll(WriteForEverAsync("decisions.jsonl"), WriteForEverAsync("main.pem.swp"));

        files.Write("main", Issue("after", "localhost"));
        await log.WaitAsync(1110);
        await busy.CancelAsync();
        await noise;

        Assert.Equal("CN=after", await SubjectAsync(listener, "localhost"));

        async Task WriteForEverAsync(string name)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            for (var i = 0; !busy.IsCancellationRequested; i++)
            {
                await File.AppendAllTextAsync(files.File(name), $"{i}\n");
                await timer.WaitForNextTickAsync();
            }
        }
    }

    [Fact]
    public async Task Certificate_that_is_written_all_the_time_is_looked_at_all_the_same()
    {
        files.Write("main", Issue("before", "localhost"));
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);

        using var after = Issue("after", "localhost");
        var seen = log.WaitAsync(1110);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!seen.IsCompleted)
        {
            files.Write("main", after);
            await timer.WaitForNextTickAsync();
        }

        await seen;
    }

    [Fact]
    public async Task Certificate_behind_a_swapped_link_is_served_without_restart()
    {
        var move = Requirement.Tool("mv", "coreutils");

        // As Kubernetes mounts secrets: the files are links through ..data, which is a link to a directory by time.
        foreach (var generation in (string[])["1", "2"])
        {
            Directory.CreateDirectory(files.File(generation));
            files.Write($"{generation}/tls", Issue($"generation {generation}", "localhost"));
        }

        File.CreateSymbolicLink(files.File("..data"), "1");
        File.CreateSymbolicLink(files.File("tls.pem"), "..data/tls.pem");
        File.CreateSymbolicLink(files.File("tls-key.pem"), "..data/tls-key.pem");
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("tls") }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);

        File.CreateSymbolicLink(files.File("..next"), "2");
        using (var rename = System.Diagnostics.Process.Start(move, ["-T", files.File("..next"), files.File("..data")])) await rename.WaitForExitAsync();
        await log.WaitAsync(1110);

        Assert.Equal("CN=generation 2", await SubjectAsync(listener, "localhost"));
    }

    [Fact]
    public async Task Bad_certificate_leaves_the_last_good_one_in_use()
    {
        files.Write("main", Issue("good", "localhost"));
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);

        await File.WriteAllTextAsync(files.File("main.pem"), "no certificate");
        Assert.Contains("keeps its last good", await log.WaitAsync(1111), StringComparison.Ordinal);
        Assert.NotNull(listener.CertificateProblem);
        Assert.Equal("CN=good", await SubjectAsync(listener, "localhost"));

        files.Write("main", Issue("better", "localhost"));
        await log.WaitAsync(1110);
        Assert.Null(listener.CertificateProblem);
        Assert.Equal("CN=better", await SubjectAsync(listener, "localhost"));
    }

    [Fact]
    public async Task Every_problem_with_a_certificate_is_told_with_its_file()
    {
        files.Write("main", Issue("main", "localhost"));
        files.Write("other", Issue("other", "localhost"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(files.File("sealed-key.pem"), key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        await File.WriteAllTextAsync(files.File("garbage.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        await File.WriteAllTextAsync(files.File("huge.pem"), new string('x', 2_000_000));

        await RefusedAsync("does not exist", new TlsOptions { Certificate = files.File("absent.pem") });
        await RefusedAsync("does not exist", Options("main") with { PrivateKey = files.File("absent.pem") });
        await RefusedAsync("does not belong", Options("main") with { PrivateKey = files.File("other-key.pem") });
        await RefusedAsync("is encrypted", Options("main") with { PrivateKey = files.File("sealed-key.pem") });
        await RefusedAsync("can't be decrypted", Options("main") with { PrivateKey = files.File("sealed-key.pem"), PasswordFile = files.File("main.pem") });
        await RefusedAsync("has no private key", new TlsOptions { Certificate = files.File("main.pem") });
        await RefusedAsync("has no private key", Options("main") with { PrivateKey = files.File("main.pem") });
        await RefusedAsync("garbage.pem", Options("main") with { Certificate = files.File("garbage.pem") });
        await RefusedAsync("larger than 1 MiB", Options("main") with { Certificate = files.File("huge.pem") });
        await RefusedAsync("clientCertificate needs clientCa", Options("main") with { ClientCertificate = ClientCertificateMode.Required });
        using var intermediate = IssueAuthority("Intermediate");
        await File.WriteAllTextAsync(files.File("intermediate.pem"), intermediate.ExportCertificatePem());
        await RefusedAsync("has no root certificate", Options("main") with { ClientCertificate = ClientCertificateMode.Required, ClientCa = files.File("intermediate.pem") });
        await RefusedAsync("say nothing without certificate", new TlsOptions { PrivateKey = files.File("main-key.pem") });
        await RefusedAsync("no development certificate", new TlsOptions(), TestListener.Services with { DevelopmentCertificate = null });
    }

    [Fact]
    public async Task Encrypted_key_and_pfx_open_with_their_password()
    {
        using var certificate = Issue("main", "localhost");
        files.Write("main", certificate);
        await File.WriteAllTextAsync(files.File("password"), "secret\n");
        await File.WriteAllTextAsync(
            files.File("main-key.pem"),
            certificate.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        await File.WriteAllBytesAsync(files.File("main.pfx"), certificate.Export(X509ContentType.Pkcs12, "secret"));
        var pem = Options("main") with { PasswordFile = files.File("password") };
        foreach (var tls in (TlsOptions[])[pem, new TlsOptions { Certificate = files.File("main.pfx"), PasswordFile = files.File("password") }])
        {
            await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = tls });
            Assert.Equal("CN=main", await SubjectAsync(listener, "localhost"));
        }
    }

    [Fact]
    public async Task Expired_certificate_is_served_with_a_warning()
    {
        files.Write("main", TestCertificates.Issue(authority, "old", days: 0, dnsNames: "localhost"));
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
        await File.WriteAllTextAsync(files.File("ca.pem"), authority.ExportCertificatePem());
        using var strangers = TestCertificates.Authority("Test CA");
        using var certificate = presented switch
        {
            "good" => TestCertificates.Issue(authority, "client", TestCertificates.ClientAuthentication),
            "stranger" => TestCertificates.Issue(strangers, "client", TestCertificates.ClientAuthentication),
            "server" => TestCertificates.Issue(authority, "client", TestCertificates.ServerAuthentication),
            "expired" => TestCertificates.Issue(authority, "client", TestCertificates.ClientAuthentication, days: 0),
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
            TestListener.Tls with { Tls = new TlsOptions { ClientCertificate = mode, ClientCa = files.File("ca.pem") } }, application);

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
        var made = DevelopmentCertificate.LoadOrCreate(files.Directory, TimeProvider.System);
        var names = made.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["localhost", "*.localhost"], names.EnumerateDnsNames());
        Assert.Equal(["127.0.0.1", "::1"], names.EnumerateIPAddresses().Select(address => address.ToString()));
        Assert.Equal(256, made.GetECDsaPublicKey()!.KeySize);
        Assert.InRange((made.NotAfter - made.NotBefore).TotalDays, 396, 398);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files.File(DevelopmentCertificate.KeyFile)));

        Assert.Equal(made.Thumbprint, DevelopmentCertificate.LoadOrCreate(files.Directory, TimeProvider.System).Thumbprint);
        File.WriteAllText(files.File(DevelopmentCertificate.CertificateFile), "damaged");
        Assert.NotEqual(made.Thumbprint, DevelopmentCertificate.LoadOrCreate(files.Directory, TimeProvider.System).Thumbprint);
    }

    private X509Certificate2 Issue(string name, params string[] hosts) => TestCertificates.Issue(authority, name, dnsNames: hosts);

    private X509Certificate2 IssueAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var issued = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20), [1, 2, 3]);
        return issued.CopyWithPrivateKey(key);
    }

    private TlsOptions Options(string name) => new() { Certificate = files.File($"{name}.pem"), PrivateKey = files.File($"{name}-key.pem") };

    private CertificateOptions Further(string name) => new() { Certificate = files.File($"{name}.pem"), PrivateKey = files.File($"{name}-key.pem") };

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

    private static async Task<string> SubjectAsync(Listener listener, string host)
    {
        await using var client = await RawConnection.OpenTlsAsync(listener.EndPoint, RawConnection.TlsOptions(host));
        return ((SslStream)client.Stream).RemoteCertificate!.Subject;
    }

    private static async Task<bool> GetAsync(Listener listener, SslClientAuthenticationOptions options)
    {
        try
        {
            await using var client = await RawConnection.OpenTlsAsync(listener.EndPoint, options);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            return (await client.ReadResponseAsync()).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return false;
        }
    }
}
