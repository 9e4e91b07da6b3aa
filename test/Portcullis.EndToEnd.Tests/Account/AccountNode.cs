using System.Diagnostics;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Clients;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Account;

/// <summary>A gateway with people, at <c>https://localhost</c>, as passkeys want it.</summary>
internal sealed class AccountNode : IAsyncDisposable
{
    public const string Password = "seven green kettles";

    private AccountNode(Node node) => Node = node;

    public Node Node { get; }

    public static async Task<AccountNode> StartAsync(string more = "")
        => new(await Node.StartAsync(
            $$"""
            data: ./data
            listeners:
              secure: { address: "{tls}", tls: {} }
            admin: { address: "{admin}" }
            identity:
              issuer: "https://localhost:{tlsPort}"
            telemetry: { decisionLog: decisions.jsonl }
            {{more}}
            """));

    public Uri At(string path) => Node.Tls(path);

    /// <summary>Adds a person by the verb, and returns their subject.</summary>
    public async Task<string> AddAsync(string name, params string[] options)
    {
        var output = await RunAsync(Password, ["user", "add", name, "--password-stdin", "--keep-password", "--output", "json", "--config", Node.ConfigurationFile, .. options]);
        using var document = JsonDocument.Parse(output);
        return document.RootElement.GetProperty("subject").GetString()!;
    }

    /// <summary>The code that an authenticator app would show now, by another's implementation.</summary>
    public static async Task<string> CodeAsync(string secret)
    {
        var (code, output, error) = await ToolProcess.RunAsync(Requirement.Tool("oathtool", "oathtool"), "--totp", "--base32", secret.Replace(" ", string.Empty, StringComparison.Ordinal));
        Assert.True(code == 0, error);
        return output.Trim();
    }

    /// <summary>A code that was not shown before: each counts once.</summary>
    public static async Task<string> NextCodeAsync(string secret, string former)
    {
        var code = former;
        await Eventually.HoldsAsync(async () => (code = await CodeAsync(secret)) != former, "the next code");
        return code;
    }

    /// <summary>Runs a verb to its end with a line of input; returns its output.</summary>
    public async Task<string> RunAsync(string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(GatewayProcess.Executable, arguments) { WorkingDirectory = Node.Directory, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WithPatience();
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
