using System.Globalization;
using System.Text.RegularExpressions;
using Portcullis.EndToEnd.Tests.Clients;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Commands;

/// <summary>The README's tour, taken from its text: what it says to type is typed, in its order. Only ports differ, for they may be taken.</summary>
public sealed partial class ReadmeTourTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly Dictionary<string, int> ports = new(StringComparer.Ordinal) { ["8443"] = Ports.Free(), ["8080"] = Ports.Free(), ["9443"] = Ports.Free() };
    private readonly string text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Each_step_works_as_it_is_written()
    {
        Requirement.Tool("curl", "curl");

        // 2. A configuration of one's own.
        var lines = Block("**2.", "sh").Split('\n');
        Assert.Equal(3, lines.Length);
        await RunAsync(lines[0]);
        var file = directory.At("mygate/portcullis.yaml");
        File.WriteAllText(file, Move(File.ReadAllText(file)));
        Assert.Contains("is valid", await RunAsync(lines[1]), StringComparison.Ordinal);
        await using var gateway = GatewayProcess.Start(directory.Path, null, Words(lines[2]));
        await Task.WhenAny(gateway.Output.WaitForAsync(line => line.Contains("portcullis runs", StringComparison.Ordinal)), gateway.ExitAsync()).WithPatience();
        Assert.False(gateway.HasExited, gateway.Error.Text);

        // 3. In front of a service. The admin listener keeps the port that this test gave it.
        File.WriteAllText(file, Move(Block("**3.", "yaml") + "\nadmin: { address: 127.0.0.1:9443 }\n"));
        await gateway.Error.WaitForAsync(line => line.Contains("version 2", StringComparison.OrdinalIgnoreCase) || line.Contains("\"Version\":2", StringComparison.Ordinal)).WithPatience();

        // 4. A client and its calls.
        lines = Block("**4.", "sh").Split('\n');
        Assert.Equal(3, lines.Length);
        var secret = (await RunAsync(lines[0])).Split('\n')[^1].Trim();
        var token = string.Empty;
        await Eventually.HoldsAsync(
            async () => (token = Token().Match(await CurlAsync(lines[1].Replace("SECRET", secret, StringComparison.Ordinal))).Groups[1].Value).Length > 0,
            "the client gets a token");
        Assert.Contains("auth.required", await CurlAsync(lines[2].Replace("-H \"Authorization: Bearer TOKEN\" ", string.Empty, StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("upstream.unavailable", await CurlAsync(lines[2].Replace("TOKEN", token, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private static string[] Words(string line)
    {
        var words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("portcullis", words[0]);
        return words[1..];
    }

    private async Task<string> RunAsync(string line)
    {
        var (code, output, error) = await GatewayProcess.RunAsync(directory.Path, Words(line));
        Assert.True(code == 0, error);
        return output;
    }

    private async Task<string> CurlAsync(string line)
    {
        Assert.StartsWith("curl ", line, StringComparison.Ordinal);
        var (code, output, error) = await ToolProcess.RunAsync("/bin/sh", "-c", $"cd {directory.Path} && " + Move(line).Replace("curl ", "curl -sS ", StringComparison.Ordinal));
        Assert.True(code == 0, error);
        return output;
    }

    /// <summary>The first code block of a kind after a step's beginning.</summary>
    private string Block(string step, string kind)
    {
        var start = text.IndexOf($"```{kind}\n", text.IndexOf(step, StringComparison.Ordinal), StringComparison.Ordinal) + kind.Length + 4;
        return text[start..text.IndexOf("\n```", start, StringComparison.Ordinal)];
    }

    private string Move(string written)
    {
        // Nothing listens on port 1, whatever runs on this machine.
        return Port().Replace(written, match => match.Value is "9001" or "9002" ? match.Value[^1..] : ports[match.Value].ToString(CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"(8443|8080|9443|9001|9002)", RegexOptions.NonBacktracking)]
    private static partial Regex Port();

    [GeneratedRegex("\"access_token\":\"([^\"]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Token();
}
