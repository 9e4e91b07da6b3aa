using System.Diagnostics;
using System.Net;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>A data directory on a file system of 2 MiB, at the start and while the gateway runs.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private const string Small = """
        data: ./disk/data
        listeners:
          plain: { address: "{plain}" }
        admin: { address: "{admin}" }
        identity: { issuer: "https://127.0.0.1:1", accessToken: { algorithm: ES256 } }
        routes:
          all: { match: { path: "/{**rest}" }, redirect: {}, policies: { authenticate: none } }
        telemetry: { decisionLog: ./disk/decisions.jsonl }
        """;

    private readonly TemporaryDirectory directory = new();
    private string disk = string.Empty;

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux()) Requirement.Missing("a small file system is made by Linux's mount");
        if (!Environment.IsPrivilegedProcess) Requirement.Missing("only root may mount a small file system");
        disk = Directory.CreateDirectory(directory.At("disk")).FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "portcullis-test", disk) != 0)
        {
            disk = string.Empty;
            Requirement.Missing("mount is not allowed here");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (disk.Length > 0) await RunAsync("umount", "--lazy", disk);
        directory.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8 * 1024)]
    [InlineData(12 * 1024)]
    [InlineData(16 * 1024)]
    [InlineData(20 * 1024)]
    [InlineData(64 * 1024)]
    [InlineData(128 * 1024)]
    [InlineData(256 * 1024)]
    public async Task A_full_disk_at_the_start_is_told_and_leaves_nothing_that_a_start_with_room_can_not_use(int room)
    {
        Fill(room);
        directory.Write("portcullis.yaml", Small.Replace("{plain}", $"127.0.0.1:{Ports.Free()}", StringComparison.Ordinal).Replace("{admin}", $"127.0.0.1:{Ports.Free()}", StringComparison.Ordinal));

        var (code, output, error) = await GatewayProcess.RunAsync(directory.Path, "serve", "--config", "portcullis.yaml");

        Assert.Equal((1, string.Empty), (code, output));
        var complaint = string.Join('\n', error.Split('\n').Where(line => !line.StartsWith('{')));
        Assert.StartsWith("error: ", complaint, StringComparison.Ordinal);
        Assert.Contains("  hint: ", complaint, StringComparison.Ordinal);
        Assert.Contains("disk/data", complaint, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);

        File.Delete(Path.Combine(disk, "filler"));
        await using var process = GatewayProcess.Start(directory.Path, null, "serve", "--config", "portcullis.yaml");
        await process.Output.WaitForAsync(line => line.Contains("portcullis runs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_that_fills_while_the_gateway_runs_stops_no_request_and_no_client_is_half_added()
    {
        await using var node = await Node.StartAsync(Small.Replace("./disk", disk, StringComparison.Ordinal));
        Fill(0);

        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.PermanentRedirect, await node.StatusAsync(node.Plain($"/{i}")));
        await Eventually.HoldsAsync(async () => await node.MetricAsync("portcullis_decision_log_dropped_total") >= 1, "lost lines are counted");
        var (code, _, error) = await GatewayProcess.RunAsync(node.Directory, "client", "add", "late", "--permission", "a:b", "--data", Path.Combine(disk, "data"));
        Assert.Equal(1, code);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);

        File.Delete(Path.Combine(disk, "filler"));
        Assert.Equal((0, string.Empty), await ListAsync());
        Assert.Equal(0, (await GatewayProcess.RunAsync(node.Directory, "client", "add", "late", "--permission", "a:b", "--data", Path.Combine(disk, "data"))).Code);
        Assert.Equal((0, "late  a:b"), await ListAsync());
        using (await node.GetAsync(node.Plain("/after"))) { }
        await Eventually.HoldsAsync(() => Task.FromResult(File.ReadAllText(Path.Combine(disk, "decisions.jsonl")).Contains("\"path\":\"/after\"", StringComparison.Ordinal)), "lines are written again");

        async Task<(int, string)> ListAsync()
        {
            var (listed, output, _) = await GatewayProcess.RunAsync(node.Directory, "client", "list", "--data", Path.Combine(disk, "data"));
            return (listed, output);
        }
    }

    // Writes until nothing more fits, then leaves as much room as asked.
    private void Fill(int room)
    {
        using var filler = new FileStream(Path.Combine(disk, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) filler.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // Full.
        }

        filler.SetLength(filler.Length - room);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Requirement.Tool(program, "mount"), arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await process.WaitForExitAsync().WithPatience();
        return process.ExitCode;
    }
}
