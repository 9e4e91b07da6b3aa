using System.Globalization;
using Portcullis.EndToEnd.Tests.Clients;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>What the process's user may not do, or the machine does not have, is told with what to do, and nothing is left behind.</summary>
public sealed class MissingRightsTests : IDisposable
{
    private const UnixFileMode ForAll = (UnixFileMode)0b111_101_101;

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_configuration_that_may_not_be_read_is_told()
    {
        var file = Configure("127.0.0.1:0");
        TemporaryDirectory.SetMode(file, UnixFileMode.None);

        foreach (var verb in new[] { "check", "serve" })
        {
            var (code, output, error) = await RunAsync(verb == "check" ? ["check", file] : ["serve", "--config", file]);
            Assert.Equal(1, code);
            Assert.Contains($"{file}: error: the file can't be read: permission denied for user ", output + error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_private_key_that_may_not_be_read_is_told()
    {
        var (certificate, key) = (directory.Write("chain.pem", "x"), directory.Write("key.pem", "x"));
        TemporaryDirectory.SetMode(key, UnixFileMode.None);
        var file = Configure("127.0.0.1:0", $", tls: {{ certificate: {certificate}, privateKey: {key} }}");

        var (code, output, _) = await RunAsync("check", file);

        Assert.Equal(1, code);
        Assert.Contains("listeners.public.tls.privateKey: ", output, StringComparison.Ordinal);
        Assert.Contains("can't be read: permission denied for user ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_may_not_be_made_is_told()
    {
        TemporaryDirectory.SetMode(Directory.CreateDirectory(directory.At("closed")).FullName, (UnixFileMode)0b101_101_101);
        var file = Configure("127.0.0.1:0", data: "closed/data");

        var (code, _, error) = await RunAsync("serve", "--config", file);

        Assert.Equal(1, code);
        Assert.StartsWith($"error: the data directory '{directory.At("closed/data")}' can't be used: ", error, StringComparison.Ordinal);
        Assert.Contains("\n  hint: give the gateway's user a directory that it may write", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("closed/decisions.jsonl", "directory '{0}/closed' can't be written by user ")]
    [InlineData("closed/a/b/decisions.jsonl", "directory '{0}/closed/a/b' is not there and can't be made: '{0}/closed' can't be written by user ")]
    [InlineData("closed/there.jsonl", "file '{0}/closed/there.jsonl' can't be written by user ")]
    [InlineData("closed", "'{0}/closed' is a directory, not a file")]
    [InlineData("portcullis.yaml/decisions.jsonl", "'{0}/portcullis.yaml' is not a directory")]
    [InlineData("open/decisions.jsonl", null)]
    [InlineData("open/a/b/decisions.jsonl", null)]
    [InlineData("closed/mine.jsonl", null)]
    [InlineData("/dev/null", null)]
    public async Task A_decision_log_that_may_not_be_written_is_a_warning_of_check(string log, string? warning)
    {
        directory.Write("closed/there.jsonl", string.Empty);
        TemporaryDirectory.SetMode(directory.At("closed/there.jsonl"), (UnixFileMode)0b100_100_100);
        directory.Write("closed/mine.jsonl", "kept");
        TemporaryDirectory.SetMode(directory.At("closed/mine.jsonl"), (UnixFileMode)0b110_110_110);
        TemporaryDirectory.SetMode(directory.At("closed"), (UnixFileMode)0b101_101_101);
        TemporaryDirectory.SetMode(Directory.CreateDirectory(directory.At("open")).FullName, (UnixFileMode)0b111_111_111);
        var file = Configure("127.0.0.1:0");
        File.AppendAllText(file, $"\ntelemetry:\n  decisionLog: {log}\n");

        var (code, output, error) = await RunAsync("check", file);

        Assert.Equal((0, string.Empty), (code, error));
        if (warning is null) Assert.DoesNotContain("decisionLog", output, StringComparison.Ordinal);
        else Assert.Contains($"{file}:6:16: warning: telemetry.decisionLog: {string.Format(CultureInfo.InvariantCulture, warning, directory.Path)}", output, StringComparison.Ordinal);
        Assert.Equal(warning is not null, output.Contains("\n  hint: records are dropped", StringComparison.Ordinal));
        Assert.Equal(("kept", false), (File.ReadAllText(directory.At("closed/mine.jsonl")), Path.Exists(directory.At("open/a"))));
    }

    [Fact]
    public async Task A_port_that_takes_a_privilege_is_told()
    {
        const string setting = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
        Requirement.System(File.Exists(setting) && int.Parse(File.ReadAllText(setting), CultureInfo.InvariantCulture) > 81, "ports below 1024 take no privilege here");

        await RefusedListenerAsync("127.0.0.1:81");
    }

    // TEST-NET-1 of RFC 5737 is nobody's.
    [Fact]
    public Task An_address_that_is_not_the_machines_is_told() => RefusedListenerAsync("192.0.2.1:8443");

    private async Task RefusedListenerAsync(string address)
    {
        TemporaryDirectory.SetMode(Directory.CreateDirectory(directory.At("open")).FullName, (UnixFileMode)0b111_111_111);
        var file = Configure(address, data: "open/data");

        var (code, _, error) = await RunAsync("serve", "--config", file);

        Assert.Equal(1, code);
        Assert.Contains(address, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", error, StringComparison.Ordinal);
    }

    private string Configure(string address, string more = "", string data = "data")
    {
        TemporaryDirectory.SetMode(directory.Path, ForAll);
        return directory.Write(
            "portcullis.yaml",
            $$"""
            data: {{data}}
            listeners: { public: { address: "{{address}}"{{more}} } }
            admin: { enabled: false }
            routes: { to-tls: { match: { path: "/{**rest}" }, redirect: {}, policies: { authenticate: none } } }
            """);
    }

    // As a user who is not root: this one, or nobody.
    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
        => Environment.UserName != "root"
            ? GatewayProcess.RunAsync(directory.Path, arguments)
            : ToolProcess.RunAsync(
                Requirement.Tool("setpriv", "util-linux"),
                ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", ProgramForAll(), .. arguments]);

    // A copy: nobody may not look into the home directory that the tests may have been built in.
    private string ProgramForAll()
    {
        var program = directory.At("program");
        var source = Path.GetDirectoryName(GatewayProcess.Executable)!;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(program, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
            TemporaryDirectory.SetMode(copy, ForAll);
        }

        foreach (var folder in Directory.EnumerateDirectories(program, "*", SearchOption.AllDirectories).Append(program)) TemporaryDirectory.SetMode(folder, ForAll);
        return Path.Combine(program, Path.GetFileName(GatewayProcess.Executable));
    }
}
