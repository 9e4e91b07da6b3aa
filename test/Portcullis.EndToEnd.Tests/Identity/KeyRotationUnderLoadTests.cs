using System.Collections.Concurrent;
using System.Net;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Identity;

/// <summary>Signing keys change while tokens are issued and used.</summary>
public sealed class KeyRotationUnderLoadTests
{
    private const int Rotations = 20;
    private const int Callers = 3;

    [Fact]
    public async Task No_valid_token_is_refused_while_keys_are_rotated()
    {
        await using var node = await Node.StartAsync(TokenNode.Configuration);
        var secret = (await node.AddClientAsync("shop", "-p", "orders:read"))!;
        using var first = Node.CreateClient(HttpVersion.Version20);
        await Eventually.HoldsAsync(async () => await node.TokenAsync(first, "shop", secret) is not null, "the client gets a token");
        var (tokens, refused, done) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>(), false);
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            using var http = Node.CreateClient(HttpVersion.Version20);
            for (var i = 0; !Volatile.Read(ref done); i++)
            {
                // Below the limit of the token endpoint; old tokens as well as new ones.
                if (i % 20 == 0 && await node.TokenAsync(http, "shop", secret) is { } token) tokens.Enqueue(token);
                if (tokens.ElementAtOrDefault(i % Math.Max(1, tokens.Count)) is { } used && !await node.TakesAsync(http, used)) refused.Enqueue(used);
            }
        })).ToList();

        for (var i = 0; i < Rotations; i++)
        {
            var before = tokens.Count;
            var (code, _, error) = await GatewayProcess.RunAsync(node.Directory, "key", "rotate", "token-signing", "--immediately", "--data", "data");
            Assert.True(code == 0, error);
            await Eventually.HoldsAsync(() => Task.FromResult(tokens.Count > before || callers.Exists(caller => caller.IsFaulted)), "tokens are issued");
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(callers).WithPatience();
        Assert.Empty(refused);
        foreach (var token in tokens) Assert.True(await node.TakesAsync(first, token));

        // Several keys signed them.
        Assert.True(tokens.Select(token => token.Split('.')[0]).Distinct().Count() > 2, "the key never changed");
    }
}
