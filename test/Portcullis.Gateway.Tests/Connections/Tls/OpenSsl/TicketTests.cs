using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Tls.OpenSsl;

namespace Portcullis.Gateway.Tests.Connections.Tls.OpenSsl;

/// <summary>Which tickets a listener takes.</summary>
public sealed class TicketTests : CertificateFileTests
{
    public TicketTests() => Assert.SkipUnless(OpenSslLibrary.IsUsable, "there is no OpenSSL 3 here");

    [Fact]
    public async Task Ticket_is_taken_until_its_life_after_its_keys_were_replaced()
    {
        var clock = new ManualTimeProvider();
        await using var listener = await TestListener.StartAsync(TestListener.Tls, services: TestListener.Services with { Time = clock });
        var ticket = TakeTicket(listener);

        Assert.True(Resumes(listener, ticket));
        clock.Advance(TicketKeys.Period);
        Assert.True(Resumes(listener, ticket));
        clock.Advance(TicketKeys.Life - TimeSpan.FromSeconds(1));
        Assert.True(Resumes(listener, ticket));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(Resumes(listener, ticket));
        OpenSslClient.FreeSession(ticket);
    }

    [Fact]
    public async Task Ticket_by_the_keys_of_before_is_replaced_by_one_that_lasts()
    {
        var clock = new ManualTimeProvider();
        await using var listener = await TestListener.StartAsync(TestListener.Tls, services: TestListener.Services with { Time = clock });
        var old = TakeTicket(listener);
        clock.Advance(TicketKeys.Period);
        var renewed = TakeTicket(listener, old);
        clock.Advance(TicketKeys.Life);

        Assert.False(Resumes(listener, old));
        Assert.True(Resumes(listener, renewed));
        OpenSslClient.FreeSession(old);
        OpenSslClient.FreeSession(renewed);
    }

    [Fact]
    public async Task Ticket_of_another_listener_is_not_taken()
    {
        await using var one = await TestListener.StartAsync(TestListener.Tls);
        await using var other = await TestListener.StartAsync(TestListener.Tls);
        var ticket = TakeTicket(one);

        Assert.False(Resumes(other, ticket));
        Assert.True(Resumes(one, ticket));
        OpenSslClient.FreeSession(ticket);
    }

    [Fact]
    public async Task Ticket_for_one_certificate_is_not_taken_for_another()
    {
        Files.Write("one", Issue("one", "one.example"));
        Files.Write("two", Issue("two", "two.example"));
        var tls = Options("one") with { AdditionalCertificates = [new CertificateOptions { Certificate = Files.File("two.pem"), PrivateKey = Files.File("two-key.pem") }] };
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = tls });
        var ticket = TakeTicket(listener, host: "one.example");

        Assert.False(Resumes(listener, ticket, "two.example"));
        Assert.True(Resumes(listener, ticket, "one.example"));
        OpenSslClient.FreeSession(ticket);
    }

    [Fact]
    public async Task Tls12_gives_no_tickets_and_tls13_does_beside_it()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Tls = new TlsOptions { MinimumVersion = TlsVersion.Tls12 } });
        var old = TakeTicket(listener, version: LibSsl.Tls12);
        var current = TakeTicket(listener);

        Assert.False(Resumes(listener, old, version: LibSsl.Tls12));
        Assert.True(Resumes(listener, current));
        OpenSslClient.FreeSession(old);
        OpenSslClient.FreeSession(current);
    }

    [Fact]
    public async Task Listener_that_asks_for_certificates_takes_no_ticket()
    {
        await File.WriteAllTextAsync(Files.File("ca.pem"), Authority.ExportCertificatePem());
        var options = TestListener.Tls with { Tls = new TlsOptions { ClientCertificate = ClientCertificateMode.Optional, ClientCa = Files.File("ca.pem") } };
        await using var listener = await TestListener.StartAsync(options);
        var ticket = TakeTicket(listener);

        Assert.False(Resumes(listener, ticket));
        OpenSslClient.FreeSession(ticket);
    }

    private static nint TakeTicket(Listener listener, nint session = 0, string? host = null, int version = 0)
    {
        using var client = new OpenSslClient(listener.EndPoint, host, session, version);
        Assert.True(client.IsConnected, client.Problem);

        // The ticket comes with or before the answer.
        Assert.StartsWith("HTTP/1.1 200", client.Ask(), StringComparison.Ordinal);
        client.EndSending();
        return client.TakeSession();
    }

    private static bool Resumes(Listener listener, nint session, string? host = null, int version = 0)
    {
        using var client = new OpenSslClient(listener.EndPoint, host, session, version);
        Assert.True(client.IsConnected, client.Problem);
        Assert.StartsWith("HTTP/1.1 200", client.Ask(), StringComparison.Ordinal);
        client.EndSending();
        return client.IsResumed;
    }
}
