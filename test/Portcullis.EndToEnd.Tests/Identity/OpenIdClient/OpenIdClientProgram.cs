using System.Diagnostics;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Identity.OpenIdClient;

/// <summary>
/// openid-client, a certified OpenID Connect client, installed by npm at the versions of the lock file into a directory of the tests' own, and
/// driven by <c>driver.mjs</c>. Without npm, or where it can't install, the tests skip.
/// </summary>
public sealed class OpenIdClientProgram : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private string? missing;

    public async ValueTask InitializeAsync()
    {
        var source = Path.Combine(Repository.Root, "test/Portcullis.EndToEnd.Tests/Identity/OpenIdClient");
        foreach (var name in (string[])["package.json", "package-lock.json", "driver.mjs"]) File.Copy(Path.Combine(source, name), directory.At(name));
        try
        {
            var (code, _, error) = await RunAsync("npm", null, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
            if (code != 0) missing = "npm can't install openid-client: " + error;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            missing = "npm is not installed (Debian package npm)";
        }
    }

    public ValueTask DisposeAsync()
    {
        directory.Dispose();
        return default;
    }

    /// <summary>Runs one of the driver's commands against a node; what it printed. Fails where the client objected to anything.</summary>
    internal async Task<JsonElement> DriveAsync(Node node, string command, params (string Name, string Value)[] settings)
    {
        if (missing is not null) Requirement.Missing(missing);
        var environment = settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal);
        environment["ISSUER"] = node.Issuer();
        environment["NODE_EXTRA_CA_CERTS"] = node.DevelopmentCertificate;
        var (code, output, error) = await RunAsync("node", environment, "driver.mjs", command);
        Assert.True(code == 0, error);
        using var result = JsonDocument.Parse(output);
        return result.RootElement.Clone();
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string file, Dictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = directory.Path, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WithPatience();
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
