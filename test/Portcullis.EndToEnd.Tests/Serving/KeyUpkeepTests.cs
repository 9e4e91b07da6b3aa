using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Control.Storage;
using Portcullis.EndToEnd.Tests.Nodes;
using Portcullis.Gateway.Configuration;
using Portcullis.Serving;
using Portcullis.Trust.Keys;

namespace Portcullis.EndToEnd.Tests.Serving;

/// <summary>A running node and the key ring on disk.</summary>
public sealed class KeyUpkeepTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string KeyRingCurrent = "portcullis_key_ring_current";

    [Fact]
    public async Task A_key_that_another_process_rotates_and_destroys_is_gone_from_the_running_node()
    {
        await using var node = await StartAsync();
        var (id, secret) = await AddClientAsync(node);
        var token = await TokenAsync(node, id, secret);
        Assert.Equal(HttpStatusCode.Found, await StatusAsync(node, token));

        using (var ring = Open(node))
        {
            var old = ring.Current.Keys.Single(key => key.Purpose == KeyPurpose.TokenSigning && key.State == KeyState.Active).Id;
            var young = ring.Rotate(KeyPurpose.TokenSigning, immediately: true).Id;
            await Eventually.HoldsAsync(async () => (await KeysAsync(node))[0] == young, "the node signs with the new key");
            Assert.Equal(HttpStatusCode.Found, await StatusAsync(node, token));

            Assert.Equal(DestroyOutcome.Destroyed, ring.Destroy(old));
        }

        await Eventually.HoldsAsync(async () => await StatusAsync(node, token) == HttpStatusCode.Unauthorized, "what the destroyed key signed is refused");
        Assert.Equal(HttpStatusCode.Found, await StatusAsync(node, await TokenAsync(node, id, secret)));
        Assert.Equal(1, await node.MetricAsync(KeyRingCurrent));
    }

    [Fact]
    public async Task A_wrapping_key_that_is_replaced_while_the_node_serves_interrupts_nothing()
    {
        await using var node = await StartAsync();
        var (id, secret) = await AddClientAsync(node);
        var token = await TokenAsync(node, id, secret);
        var before = File.ReadAllText(node.At("data/keys/wrapping.key"));

        Assert.Equal(0, (await GatewayProcess.RunAsync(node.Directory, "key", "rotate", "wrapping")).Code);

        Assert.NotEqual(before, File.ReadAllText(node.At("data/keys/wrapping.key")));
        await node.Process.Error.WaitForAsync(line => line.Contains("\"EventId\":2103", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Found, await StatusAsync(node, token));
        Assert.Equal(HttpStatusCode.Found, await StatusAsync(node, await TokenAsync(node, id, secret)));
        Assert.Equal(1, await node.MetricAsync(KeyRingCurrent));

        // And the node can still change the ring, as when a key is due.
        Assert.Equal(0, (await GatewayProcess.RunAsync(node.Directory, "key", "rotate", "token-signing", "--immediately")).Code);
        await Eventually.HoldsAsync(async () => (await KeysAsync(node)).Count == 2, "the successor is published");
        Assert.DoesNotContain(node.Process.Error.Lines, line => line.Contains("\"EventId\":2102", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ring_that_can_not_be_used_is_told_until_it_can_be_and_the_keys_in_memory_serve_meanwhile()
    {
        await using var node = await StartAsync();
        var (id, secret) = await AddClientAsync(node);
        var file = node.At("data/keys/ring.json");
        var before = File.ReadAllBytes(file);
        byte[] rotated;
        string young;
        using (var ring = Open(node)) young = ring.Rotate(KeyPurpose.TokenSigning, immediately: true).Id;
        await Eventually.HoldsAsync(async () => (await KeysAsync(node))[0] == young, "the change is taken");
        rotated = File.ReadAllBytes(file);

        File.WriteAllText(file, "{ damaged");
        await node.Process.Error.WaitForAsync(line => line.Contains("\"EventId\":2102", StringComparison.Ordinal));
        Assert.Equal(0, await node.MetricAsync(KeyRingCurrent));
        Assert.Contains("ring.json", (await node.ReadyAsync()).GetProperty("keyProblem").GetString(), StringComparison.Ordinal);
        Assert.Equal("ready", (await node.ReadyAsync()).GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.Found, await StatusAsync(node, await TokenAsync(node, id, secret)));

        var told = node.Process.Error.Lines.Count;
        File.Delete(file);
        await node.Process.Error.WaitForAsync(line => line.Contains("\"EventId\":2102", StringComparison.Ordinal), told);

        // Back again, but for everybody to read: refused, until the mode is right, which leaves no trace in the file's times.
        told = node.Process.Error.Lines.Count;
        var beside = node.Write("data/keys/beside", string.Empty);
        File.WriteAllBytes(beside, rotated);
        TemporaryDirectory.SetMode(beside, OwnerOnly | UnixFileMode.OtherRead);
        File.Move(beside, file);
        await node.Process.Error.WaitForAsync(line => line.Contains("\"EventId\":2102", StringComparison.Ordinal), told);
        TemporaryDirectory.SetMode(file, OwnerOnly);
        await node.Process.Error.WaitForAsync(line => line.Contains("\"EventId\":2104", StringComparison.Ordinal));
        Assert.Equal(1, await node.MetricAsync(KeyRingCurrent));
        Assert.False((await node.ReadyAsync()).TryGetProperty("keyProblem", out _));
        Assert.NotEqual(before, rotated);

        node.Process.Terminate();
        Assert.Equal(0, await node.Process.ExitAsync());
    }

    [Fact]
    public async Task A_key_is_replaced_when_its_time_has_come()
    {
        using var directory = new TemporaryDirectory();
        var clock = new ShiftedClock();
        await using var keys = KeyUpkeep.Open(DataDirectory.Open(directory.At("data")), new GatewayOptions { Identity = new() { Issuer = "https://a", AccessToken = new() { Algorithm = "ES256" } } }, NullLoggerFactory.Instance, clock);
        var first = Active();

        clock.Shift = TimeSpan.FromDays(91);
        await Eventually.HoldsAsync(() => Task.FromResult(keys.Ring.Value.Current.Keys.Any(key => key.Purpose == KeyPurpose.TokenSigning && key.State == KeyState.Pending)), "a successor is published");
        Assert.Equal(first, Active());
        clock.Shift += TimeSpan.FromHours(2);
        await Eventually.HoldsAsync(() => Task.FromResult(Active() != first), "the successor signs");

        Assert.Contains(keys.Ring.Value.Current.Keys, key => key.Id == first && key.State == KeyState.Retired);
        Assert.Null(keys.Problem);

        string Active() => keys.Ring.Value.Current.Keys.Single(key => key.Purpose == KeyPurpose.TokenSigning && key.State == KeyState.Active).Id;
    }

    private static Task<Node> StartAsync() => Node.StartAsync(
        """
        data: ./data
        listeners:
          plain: { address: "{plain}" }
        admin: { address: "{admin}" }
        identity: { issuer: "https://127.0.0.1:1", accessToken: { algorithm: ES256 } }
        clusters: { nobody: { destinations: ["http://127.0.0.1:9"] } }
        routes:
          other: { match: { path: /other }, cluster: nobody, policies: { authenticate: none } }
          closed: { match: { path: /closed }, redirect: { status: 302 }, policies: { authenticate: token, authorize: { permissions: [orders:read] } } }
        """);

    private static KeyRing Open(Node node) => KeyRing.Open(
        node.At("data/keys"),
        [KeyPolicy.ForTokens(KeyAlgorithm.ES256, TimeSpan.FromHours(24)), KeyPolicy.ForData()],
        TimeProvider.System);

    private static async Task<(string Id, string Secret)> AddClientAsync(Node node)
    {
        var (code, output, error) = await GatewayProcess.RunAsync(node.Directory, "client", "add", "clerk", "--permission", "orders:read", "--data", "data", "--output", "json");
        Assert.True(code == 0, error);
        using var added = JsonDocument.Parse(output);
        var secret = added.RootElement.GetProperty("secret").GetString()!;
        await Eventually.HoldsAsync(async () => await TokenAsync(node, "clerk", secret) is not null, "the node knows the client");
        return ("clerk", secret);
    }

    private static async Task<string?> TokenAsync(Node node, string id, string secret)
    {
        using var client = Node.CreateClient(HttpVersion.Version11);
        using var response = await client.PostAsync(node.Plain("/oauth/token"), new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", id), new("client_secret", secret)]));
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.TryGetProperty("access_token", out var token) ? token.GetString() : null;
    }

    private static async Task<HttpStatusCode> StatusAsync(Node node, string? token)
    {
        using var response = await node.GetAsync(node.Plain("/closed"), ("Authorization", "Bearer " + token));
        return response.StatusCode;
    }

    private static async Task<IReadOnlyList<string>> KeysAsync(Node node)
    {
        using var response = await node.GetAsync(node.Plain("/.well-known/jwks.json"));
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return [.. body.RootElement.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];
    }

    /// <summary>The system's clock, ahead by as much as a test says; its timers are the system's.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
