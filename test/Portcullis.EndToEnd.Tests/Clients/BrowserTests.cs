using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Clients;

[Collection(nameof(SharedNodeTests))]
public sealed class BrowserTests(SharedNode shared) : IDisposable
{
    private readonly Node node = shared.Node;
    private readonly string chromium = Requirement.Tool("chromium", "chromium");
    private readonly TemporaryDirectory profile = new();

    public void Dispose() => profile.Dispose();

    [Fact]
    public async Task A_page_loads_through_the_gateway()
        => Assert.Contains("<p id=\"answer\">through the gateway</p>", await LoadAsync(node.Tls("/open/page")), StringComparison.Ordinal);

    [Fact]
    public async Task A_refusal_is_shown_as_a_page_with_its_style()
    {
        var page = await LoadAsync(node.Tls("/none"));

        Assert.Contains("<dd>route.not_found</dd>", page, StringComparison.Ordinal);
        Assert.Matches("<dt>Request</dt>\\s*<dd>[0-9a-f]{32}</dd>", page);
    }

    private async Task<string> LoadAsync(Uri address)
    {
        var (code, output, error) = await ToolProcess.RunAsync(
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--ignore-certificate-errors",
            "--user-data-dir=" + profile.Path, "--dump-dom", address.ToString());
        Assert.True(code == 0, error);
        return output;
    }
}
