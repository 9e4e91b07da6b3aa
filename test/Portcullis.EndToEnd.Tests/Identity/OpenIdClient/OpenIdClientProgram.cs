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
            var (code, _, error) = await RunAsync("npm", null, null, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
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

    /// <summary>Client credentials, introspection, revocation; what came of it. Fails where the client objected to anything.</summary>
    internal Task<JsonElement> ServeAsync(Node node, params (string Name, string Value)[] settings) => DriveAsync(node, "service", settings, browse: null);

    /// <summary>Authorization code, user info, refresh, revocation; <paramref name="browse"/> is a browser that opens an address and tells where it was sent.</summary>
    internal Task<JsonElement> SignInAsync(Node node, Func<Uri, Task<string>> browse, params (string Name, string Value)[] settings) => DriveAsync(node, "code", settings, browse);

    private async Task<JsonElement> DriveAsync(Node node, string command, (string Name, string Value)[] settings, Func<Uri, Task<string>>? browse)
    {
        if (missing is not null) Requirement.Missing(missing);
        var environment = settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal);
        environment.TryAdd("ISSUER", node.Issuer());
        environment["NODE_EXTRA_CA_CERTS"] = node.DevelopmentCertificate;
        var (code, output, error) = await RunAsync("node", environment, browse, "driver.mjs", command);
        Assert.True(code == 0, error);
        using var result = JsonDocument.Parse(output);
        return result.RootElement.Clone();
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string file, Dictionary<string, string>? environment, Func<Uri, Task<string>>? browse, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = directory.Path, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync();
            if (browse is not null && await process.StandardOutput.ReadLineAsync().WithPatience() is { } address) await process.StandardInput.WriteLineAsync(await browse(new Uri(address)));
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync().WithPatience();
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
