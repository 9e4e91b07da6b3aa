using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.EndToEnd.Tests.Commands;

/// <summary><c>key list|rotate|destroy</c>, as an operator types them, without a running node.</summary>
public sealed class KeyCommandTests : IDisposable
{
    private const string Key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static readonly SealingContext Here = SealingContext.Of("t");
    private static readonly IReadOnlyList<KeyPolicy> Policies = [KeyPolicy.ForTokens(KeyAlgorithm.ES256, TimeSpan.FromHours(1)), KeyPolicy.ForData()];

    private readonly TemporaryDirectory directory = new();
    private readonly byte[] value;

    public KeyCommandTests()
    {
        directory.Write("portcullis.yaml", "data: ./data\n");
        Directory.CreateDirectory(directory.At("data"));
        TemporaryDirectory.SetMode(directory.At("data"), FilePermissions.PrivateDirectory);
        directory.Write("data/.writable", "ok");
        using var ring = Open();
        value = new Sealer(ring, KeyPurpose.Data).Seal("value"u8, Here);
    }

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task List_shows_every_key_and_no_secret()
    {
        var (code, output, error) = await RunAsync("key", "list");
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("token-signing  active", output, StringComparison.Ordinal);
        Assert.Contains("kept by the mode of its file alone", output, StringComparison.Ordinal);

        using var json = JsonDocument.Parse((await RunAsync("key", "list", "--output", "json")).Output);
        Assert.False(json.RootElement.GetProperty("wrappingKey").GetProperty("protected").GetBoolean());
        var keys = json.RootElement.GetProperty("keys").EnumerateArray().ToList();
        Assert.Equal(["data", "token-signing"], keys.Select(key => key.GetProperty("purpose").GetString()!).Order());
        Assert.All(keys, key => Assert.Equal("active", key.GetProperty("state").GetString()));
        Assert.DoesNotContain("ealed", json.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadAllText(directory.At("data/keys/wrapping.key")).Split(' ')[3].Trim(), json.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotate_makes_a_successor_like_the_active_key_and_at_once_when_told()
    {
        using var made = JsonDocument.Parse((await RunAsync("key", "rotate", "token-signing", "--output", "json")).Output);
        Assert.Equal("pending", made.RootElement.GetProperty("state").GetString());
        using (var ring = Open())
        {
            var successor = ring.Current.Keys.Single(key => key.State == KeyState.Pending);
            Assert.Equal(made.RootElement.GetProperty("id").GetString(), successor.Id);
            Assert.Equal(KeyAlgorithm.ES256, successor.Algorithm);
        }

        Assert.Equal(0, (await RunAsync("key", "rotate", "data", "--immediately", "--data", "data")).Code);
        using var after = Open();
        Assert.Equal(UnsealOutcome.Opened, new Sealer(after, KeyPurpose.Data).Open(value, Here, out _));
        Assert.Single(after.Current.Keys, key => key.Purpose == KeyPurpose.Data && key.State == KeyState.Retired);
    }

    [Fact]
    public async Task Destroy_tells_the_consequences_and_does_it_only_when_confirmed()
    {
        string id;
        using (var ring = Open()) id = ring.Current.Keys.Single(key => key.Purpose == KeyPurpose.Data).Id;
        var (code, _, error) = await RunAsync("key", "destroy", id);
        Assert.Equal(1, code);
        Assert.Contains("is the active one", error, StringComparison.Ordinal);
        await RunAsync("key", "rotate", "data", "--immediately");

        (code, _, error) = await RunAsync("key", "destroy", id);
        Assert.Equal(1, code);
        Assert.Contains("becomes unreadable", error, StringComparison.Ordinal);
        using (var ring = Open()) Assert.Equal(UnsealOutcome.Opened, new Sealer(ring, KeyPurpose.Data).Open(value, Here, out _));

        Assert.Equal(0, (await RunAsync("key", "destroy", id, "--yes-destroy-for-good")).Code);
        using (var ring = Open()) Assert.Equal(UnsealOutcome.UnknownKey, new Sealer(ring, KeyPurpose.Data).Open(value, Here, out _));
        var again = await RunAsync("key", "destroy", id, "--output", "json");
        Assert.Equal((0, $$"""{"id":"{{id}}","purpose":"data","outcome":"alreadyDestroyed"}"""), (again.Code, again.Output));
    }

    [Theory]
    [InlineData(2, "key", "rotate", "nothing")]
    [InlineData(2, "key", "rotate")]
    [InlineData(2, "key", "rotate", "wrapping", "--immediately")]
    [InlineData(2, "key", "rotate", "data", "--old-config", "portcullis.yaml")]
    [InlineData(2, "key", "rotate", "data", "--from-unprotected")]
    [InlineData(2, "key", "rotate", "wrapping", "--from-unprotected", "--old-config", "portcullis.yaml")]
    [InlineData(1, "key", "rotate", "backup")]
    [InlineData(1, "key", "destroy", "nothing")]
    [InlineData(1, "key", "list", "--data", "elsewhere")]
    [InlineData(1, "key", "rotate", "wrapping", "--old-config", "none.yaml")]
    public async Task What_cannot_be_is_refused_with_its_exit_code(int expected, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal((expected, string.Empty), (code, output));
        Assert.Contains("hint:", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory.At("elsewhere")));
    }

    [Fact]
    public async Task The_wrapping_key_goes_under_a_protection_and_from_one_to_another()
    {
        Protect("one", Key);
        Protect("two", Convert.ToBase64String("another key of thirty-two bytes!"u8));
        File.Copy(directory.At("portcullis.yaml"), directory.At("none.yaml"));
        directory.Write("one.yaml", "data: ./data\nkeys: { wrappingKey: { file: one } }\n");
        directory.Write("portcullis.yaml", "data: ./data\nkeys: { wrappingKey: { file: two } }\n");

        // What the configuration asks for is not there yet: nothing works unprotected in silence.
        var (code, _, error) = await RunAsync("key", "list");
        Assert.Equal(1, code);
        Assert.Contains("key rotate wrapping", error, StringComparison.Ordinal);

        // Nor is it protected in silence: somebody may have put a ring of their own there.
        Assert.Equal(1, (await RunAsync("key", "rotate", "wrapping", "--config", "one.yaml")).Code);
        Assert.Equal(0, (await RunAsync("key", "rotate", "wrapping", "--config", "one.yaml", "--from-unprotected")).Code);
        Assert.Equal(1, (await RunAsync("key", "rotate", "wrapping", "--from-unprotected")).Code);
        Assert.Equal(1, (await RunAsync("key", "rotate", "wrapping")).Code);
        var changed = await RunAsync("key", "rotate", "wrapping", "--old-config", "one.yaml");
        Assert.Equal((0, string.Empty), (changed.Code, changed.Error));

        Assert.Equal(1, (await RunAsync("key", "list", "--config", "one.yaml")).Code);
        Assert.Equal(1, (await RunAsync("key", "list", "--config", "none.yaml")).Code);
        Assert.Contains("protected as keys.wrappingKey says", (await RunAsync("key", "list")).Output, StringComparison.Ordinal);
        using var protection = SecretEncryptionKey.FromFile(directory.At("two"));
        using var ring = KeyRing.Open(directory.At("data/keys"), Policies, TimeProvider.System, protection);
        Assert.Equal(UnsealOutcome.Opened, new Sealer(ring, KeyPurpose.Data).Open(value, Here, out _));
    }

    [Fact]
    public async Task Killed_at_any_moment_the_ring_opens_and_nothing_is_lost()
    {
        var random = new Random(11);
        for (var i = 0; i < 12; i++)
        {
            // Two at once, ended without notice (SIGKILL) somewhere between their start and their end.
            await using (var one = GatewayProcess.Start(directory.Path, null, "key", "rotate", "wrapping"))
            await using (GatewayProcess.Start(directory.Path, null, "key", "rotate", i % 2 == 0 ? "wrapping" : "data"))
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 700)), TimeProvider.System, TestContext.Current.CancellationToken);

            using var ring = Open();
            Assert.Equal(UnsealOutcome.Opened, new Sealer(ring, KeyPurpose.Data).Open(value, Here, out _));
        }

        Assert.Equal(0, (await RunAsync("key", "rotate", "wrapping")).Code);
        Assert.Equal(["ring.json", "ring.lock", "wrapping.key"], Directory.GetFiles(directory.At("data/keys")).Select(Path.GetFileName).Order());
    }

    private void Protect(string name, string key) => TemporaryDirectory.SetMode(directory.Write(name, key + "\n"), FilePermissions.PrivateFile);

    private KeyRing Open() => KeyRing.Open(directory.At("data/keys"), Policies, TimeProvider.System);

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => GatewayProcess.RunAsync(directory.Path, arguments);
}
