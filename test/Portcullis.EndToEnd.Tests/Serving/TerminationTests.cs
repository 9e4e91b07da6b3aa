using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

public sealed class TerminationTests
{
    private const string Configuration = """
        listeners: { public: { address: "{plain}" } }
        admin: { address: "{admin}" }
        routes: { all: { match: { path: "/" }, redirect: { scheme: https }, policies: { authenticate: none } } }
        """;

    /// <summary>Requests are answered a moment before the start is over, and whoever stops a node then must not be left waiting.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(80)]
    public async Task Termination_while_a_node_starts_ends_it(int milliseconds)
    {
        using var directory = new TemporaryDirectory();
        var (plain, admin) = (Ports.Free(), Ports.Free());
        directory.Write("portcullis.yaml", Configuration.Replace("{plain}", $"127.0.0.1:{plain}", StringComparison.Ordinal).Replace("{admin}", $"127.0.0.1:{admin}", StringComparison.Ordinal));
        await using var process = GatewayProcess.Start(directory.Path, null, readsErrors: true, "serve", "--config", directory.At("portcullis.yaml"));
        await Eventually.HoldsAsync(() => Ports.IsOpenAsync(plain), "the listener accepts");
        await Task.Delay(milliseconds);

        process.Terminate();

        Assert.Equal(0, await process.ExitAsync());
    }
}
