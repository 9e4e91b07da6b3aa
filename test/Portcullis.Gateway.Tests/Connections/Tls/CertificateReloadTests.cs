using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Tls;

namespace Portcullis.Gateway.Tests.Connections.Tls;

/// <summary>Certificates and authorities that are replaced while the listener runs.</summary>
public sealed class CertificateReloadTests : CertificateFileTests
{
    [Fact]
    public async Task Certificate_renamed_over_is_served_without_restart()
    {
        Files.Write("main", Issue("before", "localhost"));
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") }, services: TestListener.Services with { Logging = log });
        await using var open = await RawConnection.OpenTlsAsync(listener.EndPoint, RawConnection.TlsOptions("localhost"));
        await log.WaitAsync(1110);

        Files.Write("next", Issue("after", "localhost"));
        File.Move(Files.File("next-key.pem"), Files.File("main-key.pem"), overwrite: true);
        File.Move(Files.File("next.pem"), Files.File("main.pem"), overwrite: true);
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
        Files.Write("main", Issue("main", "localhost"));
        await File.WriteAllTextAsync(Files.File("ca.pem"), Authority.ExportCertificatePem());
        using var others = TestCertificates.Authority("Other CA");
        var (one, other) = (Client(Authority), Client(others));
        using var log = new SignalLogging();
        var tls = (hasOwnCertificate ? Options("main") : new TlsOptions()) with { ClientCertificate = ClientCertificateMode.Required, ClientCa = Files.File("ca.pem") };
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = tls }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);
        Assert.Equal((true, false), (await GetAsync(listener, one), await GetAsync(listener, other)));

        await File.WriteAllTextAsync(Files.File("next.pem"), others.ExportCertificatePem());
        File.Move(Files.File("next.pem"), Files.File("ca.pem"), overwrite: true);
        await log.WaitAsync(1110);
        Assert.Equal((false, true), (await GetAsync(listener, one), await GetAsync(listener, other)));

        // A file that can't be used takes no one in and turns no one away.
        await File.WriteAllTextAsync(Files.File("ca.pem"), "no certificate");
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
        Files.Write("main", Issue("before", "localhost"));
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);
        using var busy = new CancellationTokenSource();
        var noise = Task.WhenAll(WriteForEverAsync("decisions.jsonl"), WriteForEverAsync("main.pem.swp"));

        Files.Write("main", Issue("after", "localhost"));
        await log.WaitAsync(1110);
        await busy.CancelAsync();
        await noise;

        Assert.Equal("CN=after", await SubjectAsync(listener, "localhost"));

        async Task WriteForEverAsync(string name)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            for (var i = 0; !busy.IsCancellationRequested; i++)
            {
                await File.AppendAllTextAsync(Files.File(name), $"{i}\n");
                await timer.WaitForNextTickAsync();
            }
        }
    }

    [Fact]
    public async Task Certificate_that_is_written_all_the_time_is_looked_at_all_the_same()
    {
        Files.Write("main", Issue("before", "localhost"));
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);

        using var after = Issue("after", "localhost");
        var seen = log.WaitAsync(1110);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!seen.IsCompleted)
        {
            Files.Write("main", after);
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
            Directory.CreateDirectory(Files.File(generation));
            Files.Write($"{generation}/tls", Issue($"generation {generation}", "localhost"));
        }

        File.CreateSymbolicLink(Files.File("..data"), "1");
        File.CreateSymbolicLink(Files.File("tls.pem"), "..data/tls.pem");
        File.CreateSymbolicLink(Files.File("tls-key.pem"), "..data/tls-key.pem");
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("tls") }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);

        File.CreateSymbolicLink(Files.File("..next"), "2");
        using (var rename = System.Diagnostics.Process.Start(move, ["-T", Files.File("..next"), Files.File("..data")])) await rename.WaitForExitAsync();
        await log.WaitAsync(1110);

        Assert.Equal("CN=generation 2", await SubjectAsync(listener, "localhost"));
    }

    [Fact]
    public async Task Bad_certificate_leaves_the_last_good_one_in_use()
    {
        Files.Write("main", Issue("good", "localhost"));
        using var log = new SignalLogging();
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = Options("main") }, services: TestListener.Services with { Logging = log });
        await log.WaitAsync(1110);

        await File.WriteAllTextAsync(Files.File("main.pem"), "no certificate");
        Assert.Contains("keeps its last good", await log.WaitAsync(1111), StringComparison.Ordinal);
        Assert.NotNull(listener.CertificateProblem);
        Assert.Equal("CN=good", await SubjectAsync(listener, "localhost"));

        Files.Write("main", Issue("better", "localhost"));
        await log.WaitAsync(1110);
        Assert.Null(listener.CertificateProblem);
        Assert.Equal("CN=better", await SubjectAsync(listener, "localhost"));
    }
}
