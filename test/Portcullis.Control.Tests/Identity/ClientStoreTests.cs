using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Control.Identity;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Control.Tests.Identity;

public sealed class ClientStoreTests
{
    [Theory]
    [OnBothDatabases]
    public async Task A_client_that_was_added_is_found_with_what_it_may_do(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        Assert.True(await (await OpenAsync(database)).TryAddAsync(Client("one", "secret-of-one")));

        var found = await (await OpenAsync(database)).FindAsync("one", default);

        Assert.NotNull(found);
        Assert.True(found.SecretMatches("secret-of-one"));
        Assert.False(found.SecretMatches("secret-of-two"));
        Assert.Equal(["orders:read", "orders:write"], found.Permissions);
        Assert.False(found.IsDisabled);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_client_comes_back_with_all_that_it_was_registered_with(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var clients = await OpenAsync(database);
        var web = Client("web") with
        {
            Grants = [GrantNames.AuthorizationCode, GrantNames.RefreshToken, GrantNames.TokenExchange],
            RedirectUris = ["https://app.example/cb?x=1", "http://127.0.0.1:8000/cb"],
            ExchangeAudiences = ["https://one.example", "two"],
        };
        var signer = new OAuthClient("signer", default, [], IsDisabled: false) { Authentication = ClientAuthenticationMethod.PrivateKeyJwt, Keys = "{\"keys\":[]}"u8.ToArray() };
        var remote = signer with { Id = "remote", Keys = default, KeysUri = new Uri("https://app.example/keys?x=1") };
        var bound = signer with { Id = "bound", Authentication = ClientAuthenticationMethod.Certificate, Keys = default, Certificate = "dns:service.example.com", Tenant = "acme" };
        var app = web with { Id = "app", SecretHash = default, Authentication = ClientAuthenticationMethod.None };
        foreach (var client in (OAuthClient[])[web, signer, remote, bound, app]) Assert.True(await clients.TryAddAsync(client));

        var found = (await (await OpenAsync(database)).ListAsync()).ToDictionary(client => client.Id);

        foreach (var client in (OAuthClient[])[web, signer, remote, bound, app])
        {
            var same = found[client.Id];
            Assert.Equal((client.Authentication, client.KeysUri, client.IsDisabled, client.Certificate, client.Tenant), (same.Authentication, same.KeysUri, same.IsDisabled, same.Certificate, same.Tenant));
            Assert.Equal(client.Grants, same.Grants);
            Assert.Equal(client.RedirectUris, same.RedirectUris);
            Assert.Equal(client.ExchangeAudiences, same.ExchangeAudiences);
            Assert.Equal(client.Permissions, same.Permissions);
            Assert.Equal(client.Keys.ToArray(), same.Keys.ToArray());
            Assert.Equal(client.SecretHash.ToArray(), same.SecretHash.ToArray());
        }

        // Who has no secret has not an empty one.
        Assert.False(found["app"].SecretMatches(string.Empty));
        Assert.False(found["signer"].SecretMatches("secret"));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_client_that_would_join_separated_duties_is_not_added_as_no_role_would_be_granted(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var clients = await OpenAsync(database);
        var wrong = new OAuthClient("judge", default, ["orders:write", "orders:approve"], IsDisabled: false);
        var (isAdded, refusal) = await clients.AddAsync(wrong, Roles.Roles.Orders);
        Assert.False(isAdded);
        Assert.Equal(Roles.Roles.Orders.Conflict([], wrong.Permissions)!.Text, refusal);
        Assert.Null(await clients.FindAsync("judge", default));

        // By a role that was left to its id, too.
        await database.SqlAsync($"INSERT INTO role_grants (id, holder_kind, holder_id, role, granted_by, created) VALUES ({(kind == DatabaseKind.Sqlite ? "'8A0FA2C8-0000-4000-8000-000000000001'" : "'8a0fa2c8-0000-4000-8000-000000000001'")}, 'client', 'late', 'clerk', 'root', 0)");
        Assert.Contains("exclude each other", (await clients.AddAsync(wrong with { Id = "late", Permissions = ["orders:approve"] }, Roles.Roles.Orders)).Refusal, StringComparison.Ordinal);
        Assert.Equal((true, null), await clients.AddAsync(wrong with { Id = "late", Permissions = ["orders:write"] }, Roles.Roles.Orders));

        var added = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => clients.AddAsync(wrong with { Permissions = i % 2 == 0 ? ["orders:write"] : wrong.Permissions }, Roles.Roles.Orders)))).WithPatience();
        Assert.Single(added, one => one.IsAdded);
        Assert.Equal(32, added.Count(one => one.Refusal is not null));
        Assert.Equal(["orders:write"], (await clients.FindAsync("judge", default))!.Permissions);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_client_of_a_version_that_knew_no_grants_gets_tokens_for_itself(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var clients = await OpenAsync(database);
        var empty = kind == DatabaseKind.Sqlite ? "x''" : "''";
        await database.SqlAsync($"INSERT INTO clients (id, secret_hash, permissions, is_disabled, created) VALUES ('old', {empty}, 'a:b', {(kind == DatabaseKind.Sqlite ? "0" : "false")}, 0)");

        var old = (await clients.FindAsync("old", default))!;

        Assert.Equal(ClientAuthenticationMethod.Secret, old.Authentication);
        Assert.Equal([GrantNames.ClientCredentials], old.Grants);
        Assert.Empty(old.RedirectUris);
    }

    [Theory]
    [OnBothDatabases]
    public async Task Disabling_a_client_revokes_its_tokens_in_the_same_transaction_and_enabling_it_does_not(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var (clients, grants, clock) = (await OpenAsync(database), new GrantStore(await database.OpenAsync(), TimeProvider.System), TimeProvider.System.GetUtcNow());
        await clients.TryAddAsync(Client("one"));
        await clients.TrySetDisabledAsync("none", true);
        Assert.Empty((await grants.ReadAsync(0, default)).Revocations);

        await clients.TrySetDisabledAsync("one", true);
        await clients.TrySetDisabledAsync("one", false);

        var revocation = Assert.Single((await grants.ReadAsync(0, default)).Revocations);
        Assert.Equal((RevocationKind.Client, "one"), (revocation.Kind, revocation.Id));

        // Also what a node gives out in the second before it knows.
        Assert.True(revocation.At >= clock + TimeSpan.FromSeconds(1));
        Assert.True(revocation.Until - revocation.At >= Revocation.Longest);
    }

    [Theory]
    [OnBothDatabases]
    public async Task An_id_is_taken_once_and_the_first_holder_keeps_it(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var clients = await OpenAsync(database);
        Assert.True(await clients.TryAddAsync(Client("one", "first")));

        Assert.False(await (await OpenAsync(database)).TryAddAsync(Client("one", "second")));
        Assert.True(await clients.TryAddAsync(Client("One")));

        Assert.True((await clients.FindAsync("one", default))!.SecretMatches("first"));
        Assert.Equal(["One", "one"], (await clients.ListAsync()).Select(client => client.Id));
    }

    [Theory]
    [OnBothDatabases]
    public async Task No_client_of_concurrent_writers_is_lost(DatabaseKind kind)
    {
        const int writers = 4, each = 10;
        await using var database = await TestDatabase.CreateAsync(kind);
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var clients = await OpenAsync(database);
            for (var i = 0; i < each; i++) Assert.True(await clients.TryAddAsync(Client($"client-{writer}-{i}")));
        }))).WithPatience();

        Assert.Equal(writers * each, (await (await OpenAsync(database)).ListAsync()).Count);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_running_node_takes_changes_by_others_and_answers_from_memory(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var writer = await OpenAsync(database);
        await writer.TryAddAsync(Client("early"));
        await using var node = await Node.StartAsync(database);
        Assert.NotNull(await node.Clients.FindAsync("early", default));
        Assert.Null(await node.Clients.FindAsync("one", default));

        await writer.TryAddAsync(Client("one"));
        await node.SeesAsync("one", client => client is { IsDisabled: false });
        await writer.TrySetDisabledAsync("one", true);
        await node.SeesAsync("one", client => client is { IsDisabled: true });

        // From memory: at once, and for ids that nobody has, too.
        Assert.True(node.Changes.IsCurrent);
        Assert.True(node.Clients.FindAsync("one", default).AsTask().IsCompleted);
        Assert.True(node.Clients.FindAsync("nobody", default).AsTask().IsCompleted);

        // Whoever removes rows past the gateway announces it, too.
        await database.SqlAsync("DELETE FROM clients");
        await database.SqlAsync($"INSERT INTO changes (topic, key) VALUES ('{ChangeTopic.Clients}', 'one')");
        await node.SeesAsync("one", client => client is null);
        await database.SqlAsync($"INSERT INTO changes (topic) VALUES ('{ChangeTopic.Clients}')");
        await node.SeesAsync("early", client => client is null);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_node_sees_its_own_changes_at_once(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var node = await Node.StartAsync(database);

        for (var i = 0; i < 20; i++)
        {
            Assert.True(await node.Clients.TryAddAsync(Client($"c{i}")));
            Assert.NotNull(await node.Clients.FindAsync($"c{i}", default));
            Assert.True(await node.Clients.TrySetDisabledAsync($"c{i}", true));
            Assert.True((await node.Clients.FindAsync($"c{i}", default))!.IsDisabled);
        }
    }

    [Fact]
    public async Task A_node_that_cannot_follow_changes_asks_the_database_and_gives_no_token_where_that_fails()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var store = await database.OpenAsync();
        await using var changes = new ChangeFeed(store, TimeProvider.System, NullLoggerFactory.Instance);
        using var clients = new ClientStore(store, TimeProvider.System, changes);
        await clients.TryAddAsync(Client("one"));

        // The feed was never started, so it is not current.
        Assert.NotNull(await clients.FindAsync("one", default));
        await clients.TrySetDisabledAsync("one", true);
        Assert.True((await clients.FindAsync("one", default))!.IsDisabled);

        await database.SqlAsync("ALTER TABLE clients RENAME TO gone");
        await Assert.ThrowsAsync<StoreException>(async () => await clients.FindAsync("one", default));
    }

    [Theory]
    [OnBothDatabases]
    public async Task An_unknown_client_cannot_be_disabled(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);

        Assert.False(await (await OpenAsync(database)).TrySetDisabledAsync("none", true));
        Assert.Equal(0L, await database.SqlAsync("SELECT count(*) FROM changes"));
    }

    [Fact]
    public async Task More_clients_than_a_node_keeps_in_memory_are_refused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var clients = await OpenAsync(database);
        await database.SqlAsync($"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ClientStore.MostClients})
            INSERT INTO clients (id, secret_hash, permissions, is_disabled, created) SELECT 'c' || i, x'', '', 0, 0 FROM n
            """);

        var exception = await Assert.ThrowsAsync<StoreException>(() => clients.TryAddAsync(Client("one")));

        Assert.Contains("100000 clients", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<ClientStore> OpenAsync(TestDatabase database) => new(await database.OpenAsync(), TimeProvider.System);

    private static OAuthClient Client(string id, string secret = "secret") => new(id, OAuthClient.HashSecret(secret), ["orders:read", "orders:write"], IsDisabled: false);

    private sealed class Node(ClientStore clients, ChangeFeed changes) : IAsyncDisposable
    {
        public ClientStore Clients { get; } = clients;

        public ChangeFeed Changes { get; } = changes;

        public static async Task<Node> StartAsync(TestDatabase database)
        {
            var store = await database.OpenAsync();
            var changes = new ChangeFeed(store, TimeProvider.System, NullLoggerFactory.Instance);
            var node = new Node(new ClientStore(store, TimeProvider.System, changes), changes);
            changes.Start();
            await Eventually.HoldsAsync(() => changes.IsCurrent, "the feed is current");
            return node;
        }

        public Task SeesAsync(string id, Func<OAuthClient?, bool> condition) => Eventually.HoldsAsync(async () => condition(await Clients.FindAsync(id, default)), $"the node sees the change of {id}");

        public async ValueTask DisposeAsync()
        {
            Clients.Dispose();
            await Changes.DisposeAsync();
        }
    }
}
