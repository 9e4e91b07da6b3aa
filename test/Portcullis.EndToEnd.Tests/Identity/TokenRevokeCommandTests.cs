using System.Diagnostics;
using System.Net;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Identity;

/// <summary><c>token revoke</c> and <c>client disable</c>, beside a running node.</summary>
public sealed class TokenRevokeCommandTests : IAsyncLifetime
{
    private readonly HttpClient http = Node.CreateClient(HttpVersion.Version20);
    private Node node = null!;

    public async ValueTask InitializeAsync() => node = await Node.StartAsync(TokenNode.Configuration);

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return node.DisposeAsync();
    }

    [Fact]
    public async Task A_token_ends_and_others_do_not_by_argument_or_standard_input()
    {
        var secret = (await node.AddClientAsync("shop", "-p", "orders:read"))!;
        string[] tokens = [await TokenAsync("shop", secret), await TokenAsync("shop", secret), await TokenAsync("shop", secret)];
        foreach (var token in tokens) Assert.True(await node.TakesAsync(http, token));

        Assert.Equal(0, (await RevokeAsync(tokens[0])).Code);
        var (code, output, error) = await RevokeFromInputAsync(tokens[1] + "\n");
        Assert.Equal((0, string.Empty), (code, error));
        Assert.DoesNotContain(tokens[1], output, StringComparison.Ordinal);

        foreach (var token in tokens[..2]) await GoesAsync(token);
        Assert.True(await node.TakesAsync(http, tokens[2]));
    }

    [Theory]
    [InlineData("--client")]
    [InlineData("--subject")]
    public async Task What_a_client_has_ends_and_it_gets_new_tokens_that_count(string option)
    {
        var secret = (await node.AddClientAsync("shop", "-p", "orders:read"))!;
        var other = await TokenAsync("other", (await node.AddClientAsync("other", "-p", "orders:read"))!);
        var token = await TokenAsync("shop", secret);

        Assert.Equal(0, (await RevokeAsync(option, "shop")).Code);

        await GoesAsync(token);
        Assert.True(await node.TakesAsync(http, other));

        // Those of the next two seconds are ended, too.
        await Eventually.HoldsAsync(async () => await node.TakesAsync(http, await TokenAsync("shop", secret)), "a later token counts");
    }

    [Fact]
    public async Task Tokens_of_a_disabled_client_end_and_do_not_come_back_when_it_is_enabled()
    {
        var secret = (await node.AddClientAsync("shop", "-p", "orders:read"))!;
        var token = await TokenAsync("shop", secret);
        Assert.True(await node.TakesAsync(http, token));

        Assert.Equal(0, (await GatewayProcess.RunAsync(node.Directory, "client", "disable", "shop", "--data", "data")).Code);

        // Each is known within a second, in whatever order; a token that is given in between is ended, too.
        await GoesAsync(token);
        var last = token;
        await Eventually.HoldsAsync(
            async () =>
            {
                if (await node.TokenAsync(http, "shop", secret) is not { } given) return true;
                last = given;
                return false;
            },
            "the client gets no token");
        Assert.Equal(0, (await GatewayProcess.RunAsync(node.Directory, "client", "enable", "shop", "--data", "data")).Code);
        await Eventually.HoldsAsync(async () => await node.TokenAsync(http, "shop", secret) is not null, "the client gets tokens again");
        foreach (var former in new[] { token, last }) Assert.False(await node.TakesAsync(http, former));
    }

    [Fact]
    public async Task What_is_not_there_is_said_and_one_thing_at_a_time_is_taken()
    {
        foreach (var arguments in (string[][])[["--client", "nobody"], ["--subject", "nobody"], ["--subject", "0198f0a1c2d37e4f8a9b0c1d2e3f4a5b"], ["--grant", "nothing"], ["hello"], ["prt_" + new string('A', 43)]])
        {
            var (code, _, error) = await RevokeAsync(arguments);
            Assert.Equal(1, code);
            Assert.Contains("hint: ", error, StringComparison.Ordinal);
        }

        foreach (var arguments in (string[][])[[], ["--client", "a", "--subject", "b"], ["token", "--client", "a"]])
        {
            var (code, _, error) = await RevokeAsync(arguments);
            Assert.Equal(2, code);
            Assert.Contains("name one of", error, StringComparison.Ordinal);
        }
    }

    private async Task<string> TokenAsync(string id, string secret)
    {
        string? token = null;
        await Eventually.HoldsAsync(async () => (token = await node.TokenAsync(http, id, secret)) is not null, "the client gets a token");
        return token!;
    }

    private Task GoesAsync(string token) => Eventually.HoldsAsync(async () => !await node.TakesAsync(http, token), "the token is refused");

    private Task<(int Code, string Output, string Error)> RevokeAsync(params string[] arguments) => RunAsync(arguments, string.Empty);

    private Task<(int Code, string Output, string Error)> RevokeFromInputAsync(string input) => RunAsync(["-"], input);

    private async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments, string input)
    {
        var start = new ProcessStartInfo(GatewayProcess.Executable, ["token", "revoke", .. arguments, "--data", "data"])
        {
            WorkingDirectory = node.Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WithPatience();
        return (process.ExitCode, await output, await error);
    }
}
