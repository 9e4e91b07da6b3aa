using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>What runs where the command line names nothing.</summary>
public sealed class DefaultsTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData]
    [InlineData("serve")]
    public async Task The_configuration_in_the_current_directory_is_taken(params string[] arguments)
    {
        var port = Ports.Free();
        directory.Write(
            "portcullis.yaml",
            $$"""
            data: ./kept
            listeners: { public: { address: "127.0.0.1:{{port}}" } }
            admin: { enabled: false }
            routes: { all: { match: { path: "/{**rest}" }, redirect: { port: 8443 }, policies: { authenticate: none } } }
            """);
        await using var process = GatewayProcess.Start(directory.Path, null, arguments);

        Assert.Equal($"portcullis runs portcullis.yaml; data in {directory.At("kept")}", await FirstLineAsync(process));
        using var client = Node.CreateClient(System.Net.HttpVersion.Version11);
        using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/x"));
        Assert.Equal("https://127.0.0.1:8443/x", response.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData]
    [InlineData("serve")]
    public async Task Without_one_the_demo_runs_and_logs_nothing(params string[] arguments)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PORTCULLIS__listeners__public__address"] = $"127.0.0.1:{Ports.Free()}",
            ["PORTCULLIS__listeners__plain__address"] = $"127.0.0.1:{Ports.Free()}",
            ["PORTCULLIS__admin__address"] = $"127.0.0.1:{Ports.Free()}",
        };
        await using var process = GatewayProcess.Start(directory.Path, environment, arguments);

        Assert.Equal("Portcullis runs its built-in demo.", await FirstLineAsync(process));
        await process.Output.WaitForAsync(line => line.StartsWith("Stop with Ctrl+C", StringComparison.Ordinal));
        process.Terminate();

        Assert.Equal(0, await process.ExitAsync());
        Assert.Empty(process.Error.Text);
    }

    // Or why there is none.
    private static async Task<string> FirstLineAsync(GatewayProcess process)
    {
        var line = process.Output.WaitForAsync(line => line.Length > 0);
        await Task.WhenAny(line, process.ExitAsync()).WithPatience();
        Assert.False(process.HasExited, process.Error.Text);
        return await line;
    }
}
