using System.Net;
using System.Net.Sockets;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>What can't work is told before anything is served: what, where, and what to do.</summary>
public sealed class RefusedStartTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task All_errors_of_a_configuration_are_told_at_once_with_their_places()
    {
        var file = directory.Write(
            "portcullis.yaml",
            """
            listeners:
              public: { address: nowhere }
            clustres: {}
            routes:
              a:
                match: { path: no-slash }
                redirect: {}
                policies: { authenticate: none, cors: { origins: [nonsense] } }
            """);

        var (code, output, error) = await ServeAsync();

        Assert.Equal((1, string.Empty), (code, output));
        Assert.Contains($"{file}:2:22: error: listeners.public.address: ", error, StringComparison.Ordinal);
        Assert.Contains($"{file}:3:1: error: clustres: unknown key 'clustres'", error, StringComparison.Ordinal);
        Assert.Contains("clusters", error, StringComparison.Ordinal);
        Assert.Contains("error: routes.a.match.path: ", error, StringComparison.Ordinal);
        Assert.Contains("error: routes.a.policies.cors.origins[0]: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sreve")]
    [InlineData("serve", "--confg", "x.yaml")]
    [InlineData("client", "add")]
    [InlineData("check", "--output", "xml")]
    public async Task Wrong_usage_exits_with_2(params string[] arguments)
    {
        var (code, _, error) = await GatewayProcess.RunAsync(directory.Path, arguments);

        Assert.Equal(2, code);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains("  hint: portcullis --help", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_told()
    {
        var (code, _, error) = await ServeAsync();

        Assert.Equal(1, code);
        Assert.Contains("portcullis.yaml: error: the file does not exist", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ address: \"127.0.0.1:{0}\" }", "{ enabled: false }")]
    [InlineData("{ address: \"127.0.0.1:{1}\" }", "{ address: \"127.0.0.1:{0}\" }")]
    public async Task An_occupied_port_is_named(string listener, string admin)
    {
        using var occupant = new TcpListener(IPAddress.Loopback, 0);
        occupant.Start();
        var port = ((IPEndPoint)occupant.LocalEndpoint).Port;
        Configure(Fill(listener), Fill(admin));

        var (code, output, error) = await ServeAsync();

        Assert.Equal((1, string.Empty), (code, output));
        Assert.Contains($"127.0.0.1:{port}", Complaints(error), StringComparison.Ordinal);
        Assert.Contains("in use", Complaints(error), StringComparison.Ordinal);

        string Fill(string text) => text.Replace("{0}", port.ToString(), StringComparison.Ordinal).Replace("{1}", Ports.Free().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_certificate_is_named()
    {
        Configure($"{{ address: \"127.0.0.1:{Ports.Free()}\", tls: {{ certificate: none.pem, privateKey: none-key.pem }} }}");

        await AssertRefusedAsync("none.pem");
    }

    [Fact]
    public async Task A_certificate_that_is_none_is_named()
    {
        directory.Write("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Configure($"{{ address: \"127.0.0.1:{Ports.Free()}\", tls: {{ certificate: bad.pem, privateKey: bad.pem }} }}");

        await AssertRefusedAsync("bad.pem");
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_named()
    {
        using var certificates = new TestCertificates();
        using var authority = TestCertificates.Authority("test");
        using var one = TestCertificates.Issue(authority, "one");
        using var two = TestCertificates.Issue(authority, "two");
        certificates.Write("one", one);
        certificates.Write("two", two);
        Configure($"{{ address: \"127.0.0.1:{Ports.Free()}\", tls: {{ certificate: {certificates.File("one.pem")}, privateKey: {certificates.File("two-key.pem")} }} }}");

        await AssertRefusedAsync("two-key.pem");
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_is_named()
    {
        Requirement.System(OperatingSystem.IsLinux(), "/proc is of Linux");
        Configure(PlainListener(), data: "/proc/portcullis");

        await AssertRefusedAsync("/proc/portcullis");
    }

    [Fact]
    public async Task A_data_directory_that_others_may_read_is_refused()
    {
        Directory.CreateDirectory(directory.At("data"));
        TemporaryDirectory.SetMode(directory.At("data"), OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        Configure(PlainListener());

        await AssertRefusedAsync("chmod 700");
    }

    [Theory]
    [InlineData("keys/ring.json", "{ \"version\": 1, \"keys\": [")]
    [InlineData("keys/ring.json", "")]
    [InlineData("keys/wrapping.key", "short")]
    [InlineData("clients.json", "{ \"version\": 1, \"clients\": [")]
    [InlineData("clients.json", "")]
    [InlineData("affinity.key", "short")]
    public async Task A_damaged_file_of_the_data_directory_is_refused_and_not_overwritten(string name, string content)
    {
        var file = directory.Write("data/" + name, content);
        TemporaryDirectory.SetMode(directory.At("data"), OwnerOnly);
        TemporaryDirectory.SetMode(Path.GetDirectoryName(file)!, OwnerOnly);
        TemporaryDirectory.SetMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Configure(PlainListener());

        await AssertRefusedAsync("data/keys", "data/clients.json", "data/affinity.key");

        Assert.Equal(content, File.ReadAllText(file));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_development_certificate_that_cannot_be_kept_is_named(bool byAdmin)
    {
        directory.Write("data/tls", "in the way");
        TemporaryDirectory.SetMode(directory.At("data"), OwnerOnly);
        if (byAdmin) Configure(PlainListener(), $"{{ address: \"127.0.0.1:{Ports.Free()}\" }}");
        else Configure($"{{ address: \"127.0.0.1:{Ports.Free()}\", tls: {{}} }}");

        await AssertRefusedAsync("data/tls");
    }

    [Fact]
    public async Task What_nobody_foresaw_still_ends_with_a_complaint_and_no_stack_trace()
    {
        Requirement.System(File.Exists("/dev/full"), "/dev/full is of Linux");
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", $"'{GatewayProcess.Executable}' schema >/dev/full"]) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync().WithPatience();
        await process.WaitForExitAsync().WithPatience();

        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith("error: No space left on device", error, StringComparison.Ordinal);
        Assert.Contains("  hint: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variable_that_is_not_set_is_named()
    {
        Configure(PlainListener(), data: "${env:PORTCULLIS_TEST_NOT_SET}");

        await AssertRefusedAsync("PORTCULLIS_TEST_NOT_SET");
    }

    [Fact]
    public async Task An_override_of_an_unknown_key_is_refused()
    {
        Configure(PlainListener());
        await using var process = GatewayProcess.Start(directory.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["PORTCULLIS__telemetry__lgoLevel"] = "debug" }, "serve", "--config", "portcullis.yaml");

        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains("lgoLevel", process.Error.Text, StringComparison.Ordinal);
    }

    private static string PlainListener() => $"{{ address: \"127.0.0.1:{Ports.Free()}\" }}";

    // Log lines are JSON objects; complaints are not.
    private static string Complaints(string error) => string.Join('\n', error.Split('\n').Where(line => !line.StartsWith('{')));

    private void Configure(string listener, string admin = "{ enabled: false }", string data = "./data") => directory.Write(
        "portcullis.yaml",
        $$"""
        data: "{{data}}"
        listeners:
          public: {{listener}}
        admin: {{admin}}
        routes:
          a:
            match: { path: "/{**rest}" }
            redirect: {}
            policies: { authenticate: none }
        """);

    private async Task AssertRefusedAsync(params string[] anyOf)
    {
        var (code, output, error) = await ServeAsync();

        Assert.Equal((1, string.Empty), (code, output));
        Assert.Contains(anyOf, expected => Complaints(error).Contains(expected, StringComparison.Ordinal));
        Assert.Contains("  hint: ", Complaints(error), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Error)> ServeAsync() => GatewayProcess.RunAsync(directory.Path, "serve", "--config", directory.At("portcullis.yaml"));
}
