using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Clients;

[Collection(nameof(SharedNodeTests))]
public sealed class H2loadTests(SharedNode shared)
{
    private readonly Node node = shared.Node;

    [Theory]
    [InlineData("h2c", false)]
    [InlineData("h2", true)]
    [InlineData("http/1.1", true)]
    public async Task All_requests_of_many_streams_succeed(string protocol, bool isTls)
    {
        var h2load = Requirement.Tool("h2load", "nghttp2-client");
        var url = isTls ? node.Tls("/open/load") : node.Plain("/open/load");

        var (code, output, error) = await ToolProcess.RunAsync(h2load, [.. protocol == "http/1.1" ? (string[])["--h1"] : [], "-n", "500", "-c", "5", "-m", protocol == "http/1.1" ? "1" : "10", "-t", "1", url.ToString()]);

        Assert.True(code == 0, error);
        Assert.Contains("500 total, 500 started, 500 done, 500 succeeded, 0 failed, 0 errored, 0 timeout", output, StringComparison.Ordinal);
        Assert.Contains("500 2xx, 0 3xx, 0 4xx, 0 5xx", output, StringComparison.Ordinal);
    }
}
