using System.Net;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Identity;

/// <summary>Roles, API keys and access reviews by their verbs, and what they do to a gateway that runs.</summary>
public sealed class RolesOfARunningNodeTests
{
    private const string Configuration = """
        data: ./data
        {storage}
        listeners:
          plain: { address: "{plain}" }
          tls: { address: "{tls}", tls: {} }
        admin: { address: "{admin}" }
        identity: { issuer: "https://localhost:1" }
        roles:
          reader: [orders:read]
          clerk: { includes: [reader], permissions: [orders:write] }
          approver: [orders:approve]
        separationOfDuties: [[orders:write, orders:approve]]
        routes:
          read: { match: { path: "/read" }, redirect: {}, policies: { authenticate: [token, apiKey], authorize: { permissions: [orders:read] } } }
          write: { match: { path: "/write" }, redirect: {}, policies: { authenticate: [token, apiKey], authorize: { permissions: [orders:write] } } }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_role_counts_within_a_second_of_being_granted_and_a_token_that_is_out_loses_it_within_one_of_being_taken_back(bool isPostgres)
    {
        await using var running = await Running.StartAsync(isPostgres);
        var secret = await running.AddClientAsync("shop");
        Assert.Equal(HttpStatusCode.Forbidden, await running.StatusAsync("/read", await running.TokenAsync("shop", secret)));

        Assert.Equal((0, string.Empty, string.Empty), await running.RunAsync("role", "grant", "client:shop", "clerk"));
        string token = null!;
        await Eventually.HoldsAsync(async () => await running.StatusAsync("/write", token = await running.TokenAsync("shop", secret)) == HttpStatusCode.PermanentRedirect, "the role counts");
        Assert.Equal(HttpStatusCode.PermanentRedirect, await running.StatusAsync("/read", token));

        // The configuration takes a permission from the role: the same token has lost it.
        running.Node.Configure(running.Configuration.Replace("permissions: [orders:write] }\n", "permissions: [orders:list] }\n", StringComparison.Ordinal));
        await Eventually.HoldsAsync(async () => await running.StatusAsync("/write", token) == HttpStatusCode.Forbidden, "the role is another one");
        Assert.Equal(HttpStatusCode.PermanentRedirect, await running.StatusAsync("/read", token));

        Assert.Equal((0, string.Empty, string.Empty), await running.RunAsync("role", "revoke", "client:shop", "clerk"));
        var since = TimeProvider.System.GetTimestamp();
        await Eventually.HoldsAsync(async () => await running.StatusAsync("/read", token) == HttpStatusCode.Forbidden, "the role is gone");

        // A second for the node, and more for a busy machine to send the request that shows it.
        Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(10));
        Assert.Equal(1, (await running.RunAsync("role", "revoke", "client:shop", "clerk")).Code);
    }

    [Fact]
    public async Task An_api_key_lets_in_until_it_is_revoked_and_is_shown_once()
    {
        await using var running = await Running.StartAsync(isPostgres: false);
        await running.AddClientAsync("shop", "orders:read");
        var (code, output, error) = await running.RunAsync("apikey", "add", "client:shop", "--label", "nightly import", "--permission", "orders:read", "--permission", "orders:write", "--for", "30d", "--output", "json");
        Assert.Equal((0, string.Empty), (code, error));
        using var made = JsonDocument.Parse(output);
        var (id, key) = (made.RootElement.GetProperty("id").GetString()!, made.RootElement.GetProperty("key").GetString()!);

        await Eventually.HoldsAsync(async () => await running.KeyStatusAsync("/read", key) == HttpStatusCode.PermanentRedirect, "the key counts");
        Assert.Equal(HttpStatusCode.Forbidden, await running.KeyStatusAsync("/write", key));

        // Its owner's role is enough for what the key was limited to.
        Assert.Equal(0, (await running.RunAsync("role", "grant", "client:shop", "clerk")).Code);
        await Eventually.HoldsAsync(async () => await running.KeyStatusAsync("/write", key) == HttpStatusCode.PermanentRedirect, "the role counts for the key");
        await Eventually.HoldsAsync(async () => (await running.RunAsync("apikey", "list")).Output.Contains("last used", StringComparison.Ordinal), "the use is kept");

        var listed = (await running.RunAsync("apikey", "list", "client:shop", "--output", "json")).Output + (await running.RunAsync("apikey", "list")).Output;
        Assert.Contains("nightly import", listed, StringComparison.Ordinal);
        Assert.Contains(id, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(key, listed, StringComparison.Ordinal);
        Assert.DoesNotContain("hash", listed, StringComparison.OrdinalIgnoreCase);

        // Who found a key need not know its id, and none that is taken for its id is shown once more.
        (code, output, error) = await running.RunAsync("apikey", "revoke", key);
        Assert.Equal(1, code);
        Assert.DoesNotContain(key, output + error, StringComparison.Ordinal);
        Assert.Equal(1, (await running.TypeAsync("pk_nothing\n", "apikey", "revoke", "-")).Code);
        Assert.Equal(HttpStatusCode.PermanentRedirect, await running.KeyStatusAsync("/read", key));
        Assert.Equal((0, $"API key {id} is revoked", string.Empty), await running.TypeAsync(key + "\n", "apikey", "revoke", "-"));
        await Eventually.HoldsAsync(async () => await running.KeyStatusAsync("/read", key) == HttpStatusCode.Unauthorized, "the key is revoked");
        Assert.Equal(1, (await running.RunAsync("apikey", "revoke", id)).Code);
    }

    [Fact]
    public async Task A_persons_key_follows_their_roles_and_ends_while_they_are_disabled()
    {
        await using var running = await Running.StartAsync(isPostgres: false);
        Assert.Equal(0, (await running.TypeAsync("correct horse battery staple\n", "user", "add", "ada", "--password-stdin")).Code);
        Assert.Equal((0, string.Empty, string.Empty), await running.RunAsync("role", "grant", "ada", "reader"));
        using var made = JsonDocument.Parse((await running.RunAsync("apikey", "add", "ada", "--label", "her own", "-p", "orders:read", "--output", "json")).Output);
        var key = made.RootElement.GetProperty("key").GetString()!;
        await Eventually.HoldsAsync(async () => await running.KeyStatusAsync("/read", key) == HttpStatusCode.PermanentRedirect, "the key counts");

        Assert.Equal(0, (await running.RunAsync("role", "revoke", made.RootElement.GetProperty("subject").GetString()!, "reader")).Code);
        await Eventually.HoldsAsync(async () => await running.KeyStatusAsync("/read", key) == HttpStatusCode.Forbidden, "the role is gone");
        Assert.Equal(0, (await running.RunAsync("user", "disable", "ada")).Code);
        await Eventually.HoldsAsync(async () => await running.KeyStatusAsync("/read", key) == HttpStatusCode.Unauthorized, "the key does not count");
        Assert.Equal(0, (await running.RunAsync("user", "enable", "ada")).Code);
        Assert.Equal(0, (await running.RunAsync("role", "grant", "ada", "reader")).Code);
        await Eventually.HoldsAsync(async () => await running.KeyStatusAsync("/read", key) == HttpStatusCode.PermanentRedirect, "the key counts again");
        Assert.StartsWith("ada (", (await running.RunAsync("role", "list", "ada")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbs_say_who_has_what_and_why_a_role_is_not_granted()
    {
        await using var running = await Running.StartAsync(isPostgres: false);
        await running.AddClientAsync("shop");
        await running.AddClientAsync("judge", "orders:approve");
        Assert.Equal(0, (await running.RunAsync("role", "grant", "client:shop", "clerk", "--for", "12h")).Code);

        var (code, _, error) = await running.RunAsync("role", "grant", "client:shop", "approver");
        Assert.Equal(1, code);
        Assert.Contains("exclude each other", error, StringComparison.Ordinal);
        Assert.Contains("exclude each other", (await running.RunAsync("role", "grant", "client:judge", "clerk")).Error, StringComparison.Ordinal);
        Assert.Contains("there is no role", (await running.RunAsync("role", "grant", "client:shop", "clerks")).Error, StringComparison.Ordinal);
        Assert.Contains("there is no client other", (await running.RunAsync("role", "grant", "client:other", "clerk")).Error, StringComparison.Ordinal);
        Assert.Contains("there is no person shop", (await running.RunAsync("role", "grant", "shop", "clerk")).Error, StringComparison.Ordinal);
        Assert.Equal(2, (await running.RunAsync("role", "grant", "client:shop", "reader", "--for", "soon")).Code);
        Assert.Contains("--config", (await running.RunAsync("role", "grant", "client:shop", "reader", "--data", "data")).Error, StringComparison.Ordinal);

        // A client that would hold both by itself is not added, in the same words.
        var (added, _, why) = await running.RunAsync("client", "add", "both", "-p", "orders:write", "-p", "orders:approve");
        Assert.Equal(1, added);
        Assert.Contains("orders:write (granted itself) and orders:approve (granted itself) exclude each other", why, StringComparison.Ordinal);
        Assert.DoesNotContain("both", (await running.RunAsync("client", "list")).Output, StringComparison.Ordinal);

        using var list = JsonDocument.Parse((await running.RunAsync("role", "list", "--output", "json")).Output);
        var grant = Assert.Single(list.RootElement.EnumerateArray());
        Assert.Equal(("shop", "clerk", false), (grant.GetProperty("subject").GetString(), grant.GetProperty("role").GetString(), grant.GetProperty("person").GetBoolean()));
        Assert.Equal(12, Math.Round((grant.GetProperty("expires").GetDateTimeOffset() - grant.GetProperty("created").GetDateTimeOffset()).TotalHours));
        Assert.StartsWith("client:shop  clerk  since ", (await running.RunAsync("role", "list", "client:shop")).Output, StringComparison.Ordinal);
        Assert.Equal((0, string.Empty, string.Empty), await running.RunAsync("role", "list", "client:judge"));

        Assert.Contains("no permission", (await running.RunAsync("apikey", "add", "client:shop", "--label", "x", "--permission", "everything")).Error, StringComparison.Ordinal);
        Assert.Contains("366", (await running.RunAsync("apikey", "add", "client:shop", "--label", "x", "--permission", "a:b", "--for", "367d")).Error, StringComparison.Ordinal);
        Assert.Equal(2, (await running.RunAsync("apikey", "add", "client:shop", "--label", "x")).Code);
    }

    [Fact]
    public async Task A_review_is_signed_kept_and_verified_and_one_that_was_changed_is_not()
    {
        await using var running = await Running.StartAsync(isPostgres: true);
        await running.AddClientAsync("shop", "orders:write");
        var (code, output, error) = await running.RunAsync("access", "review", "--sensitive", "orders:*", "--output", "json");
        Assert.Equal((0, string.Empty), (code, error));
        using (var look = JsonDocument.Parse(output))
        {
            var finding = Assert.Single(look.RootElement.GetProperty("findings").EnumerateArray());
            Assert.Equal(("sensitive", "shop", "orders:write"), (finding.GetProperty("kind").GetString(), finding.GetProperty("subject").GetString(), finding.GetProperty("about").GetString()));
            Assert.Equal(JsonValueKind.Null, look.RootElement.GetProperty("id").ValueKind);
        }

        Assert.Equal(string.Empty, (await running.RunAsync("access", "review", "list")).Output);
        (code, output, error) = await running.RunAsync("access", "review", "--sensitive", "orders:*", "--reviewer", "ciso", "--due", "30d", "--sign", "--out", "review.jws");
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("holds orders:write (granted itself)", output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(running.Node.At("review.jws")));

        // A file that can't be written is known before anything is kept.
        Assert.Equal(1, (await running.RunAsync("access", "review", "--sign", "--out", "no/such/place")).Code);

        (code, output, _) = await running.RunAsync("access", "review", "verify", "review.jws");
        Assert.Equal(0, code);
        Assert.Contains("1 accounts reviewed by ciso", output, StringComparison.Ordinal);
        using var list = JsonDocument.Parse((await running.RunAsync("access", "review", "list", "--output", "json")).Output);
        var record = Assert.Single(list.RootElement.EnumerateArray());
        Assert.False(record.GetProperty("overdue").GetBoolean());
        var shown = (await running.RunAsync("access", "review", "show", record.GetProperty("id").GetString()!)).Output;
        Assert.Equal((await File.ReadAllTextAsync(running.Node.At("review.jws"))).Trim(), shown.Trim());

        running.Node.Write("changed.jws", shown.Trim().Replace('A', 'B'));
        Assert.Equal(1, (await running.RunAsync("access", "review", "verify", "changed.jws")).Code);
        Assert.Equal(1, (await running.RunAsync("access", "review", "verify", "none.jws")).Code);
        Assert.Equal(1, (await running.RunAsync("access", "review", "--days", "0")).Code);
    }

    private sealed class Running(Node node, string configuration, IReadOnlyDictionary<string, string> environment) : IAsyncDisposable
    {
        public Node Node => node;

        public string Configuration => configuration;

        public static async Task<Running> StartAsync(bool isPostgres)
        {
            var environment = new Dictionary<string, string>(StringComparer.Ordinal);
            if (isPostgres) environment["PORTCULLIS_TEST_DATABASE"] = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
            var configuration = RolesOfARunningNodeTests.Configuration.Replace("{storage}", isPostgres ? "storage: { postgres: \"${env:PORTCULLIS_TEST_DATABASE}\" }" : string.Empty, StringComparison.Ordinal);
            return new Running(await Node.StartAsync(configuration, environment), configuration, environment);
        }

        public async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
        {
            await using var process = GatewayProcess.Start(node.Directory, environment, arguments);
            return (await process.ExitAsync(), process.Output.Text, process.Error.Text);
        }

        public Task<(int Code, string Output, string Error)> TypeAsync(string input, params string[] arguments) => GatewayProcess.RunAsync(node.Directory, environment, input, arguments);

        public async Task<string> AddClientAsync(string id, params string[] permissions)
        {
            var (code, output, error) = await RunAsync(["client", "add", id, .. permissions.SelectMany(permission => new[] { "-p", permission }), "--output", "json"]);
            Assert.Equal((0, string.Empty), (code, error));
            using var added = JsonDocument.Parse(output);
            return added.RootElement.GetProperty("secret").GetString()!;
        }

        public async Task<string> TokenAsync(string id, string secret)
        {
            using var client = Node.CreateClient(HttpVersion.Version20);
            string? token = null;
            await Eventually.HoldsAsync(
                async () =>
                {
                    using var response = await client.PostAsync(node.Tls("/oauth/token"), new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", id), new("client_secret", secret)]));
                    using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
                    token = body.RootElement.TryGetProperty("access_token", out var given) ? given.GetString() : null;
                    return token is not null;
                },
                "the client gets a token");
            return token!;
        }

        public Task<HttpStatusCode> StatusAsync(string path, string token) => StatusAsync(path, "Authorization", "Bearer " + token);

        public Task<HttpStatusCode> KeyStatusAsync(string path, string key) => StatusAsync(path, "X-Api-Key", key);

        public ValueTask DisposeAsync() => node.DisposeAsync();

        private async Task<HttpStatusCode> StatusAsync(string path, string field, string value)
        {
            using var client = Node.CreateClient(HttpVersion.Version11);
            using var request = new HttpRequestMessage(HttpMethod.Get, node.Tls(path));
            request.Headers.Add(field, value);
            using var response = await client.SendAsync(request);
            return response.StatusCode;
        }
    }
}
