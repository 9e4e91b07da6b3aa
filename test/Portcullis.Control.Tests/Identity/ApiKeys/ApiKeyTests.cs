using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Control.Identity;
using Portcullis.Control.Identity.ApiKeys;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Identity.People;
using Portcullis.Control.Tests.Identity.Roles;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.ApiKeys;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.ApiKeys;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Tests.Identity.ApiKeys;

public sealed class ApiKeyTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task A_key_is_listed_with_all_but_itself_and_revoked_once(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada");
        var store = new ApiKeyStore(node.Store, node.Stores.Sealer, node.Clock);
        var (key, text) = ApiKey.Issue(ada, "Ada's laptop", ["orders:read", "orders:write"], TimeSpan.FromDays(90), node.Clock);
        Assert.Null(await store.AddAsync(key));

        var listed = Assert.Single(await store.ListAsync(ada));
        Assert.Equal((key.Id, ada, "Ada's laptop", key.Created, key.Expires, false, null), (listed.Id, listed.Subject, listed.Label, listed.Created, listed.Expires, listed.IsRevoked, listed.LastUsed));
        Assert.Equal(["orders:read", "orders:write"], listed.Permissions);
        Assert.Equal(ApiKeyText.Hash(text), listed.Hash.ToArray());
        Assert.Empty(await store.ListAsync("shop"));

        // A key that was found somewhere tells which it is to who holds the database, and to nobody else.
        Assert.Equal(key.Id, await store.FindIdAsync(ApiKeyText.Hash(text)));
        Assert.Null(await store.FindIdAsync(ApiKeyText.Hash(ApiKeyText.Generate())));

        Assert.False(await store.RevokeAsync("0000000000000000"));
        Assert.True(await store.RevokeAsync(key.Id));
        Assert.False(await store.RevokeAsync(key.Id));
        Assert.True(Assert.Single(await store.ListAsync()).IsRevoked);
        var label = (byte[])(await node.Database.SqlAsync("SELECT label FROM api_keys"))!;
        Assert.Equal(-1, label.AsSpan().IndexOf("laptop"u8));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Nobody_who_is_not_there_gets_a_key_and_nobody_too_many_also_not_at_once(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        await RoleGrantsTests.AddClientAsync(node, "shop");
        var store = new ApiKeyStore(node.Store, node.Stores.Sealer, node.Clock);
        Assert.Contains("no person or client", await store.AddAsync(Issue(node, "other").Key), StringComparison.Ordinal);

        var answers = await Task.WhenAll(Enumerable.Range(0, ApiKeyStore.MostOfHolder + 14).Select(_ => Task.Run(() => store.AddAsync(Issue(node, "shop").Key)))).WithPatience();
        Assert.Equal(14, answers.Count(answer => answer is not null));

        // Keys that no longer count make room, and are forgotten in the end.
        await store.RevokeAsync((await store.ListAsync("shop"))[0].Id);
        Assert.Null(await store.AddAsync(Issue(node, "shop").Key));
        node.Clock.Advance(ApiKeyStore.Remembered + TimeSpan.FromDays(91));
        Assert.Null(await store.AddAsync(Issue(node, "shop").Key));
        Assert.Single(await store.ListAsync());
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_running_node_knows_a_key_within_a_second_and_never_after_it_was_revoked_or_its_subject_disabled(DatabaseKind kind)
    {
        await using var running = await Running.StartAsync(kind);
        var ada = await running.Node.AddAsync("ada");
        Assert.Null(await running.Grants.GrantAsync(new(ada, "clerk", "root"), Tests.Identity.Roles.Roles.Orders));
        var (key, text) = await running.AddAsync(ada, "orders:write", "orders:read");
        await running.SeesAsync(text, found => found?.Permissions is ["orders:write"]);
        var known = (await running.FindAsync(text))!;
        Assert.Equal((key.Id, ada, true, key.Expires), (known.Id, known.Subject, known.IsPerson, known.Expires));

        // One object as long as nothing changes, for which the data plane keeps things.
        await Eventually.HoldsAsync(async () => ReferenceEquals(await running.FindAsync(text), await running.FindAsync(text)), "the key is answered from memory");

        // What its subject may do changes what it may do.
        Assert.Null(await running.Grants.GrantAsync(new(ada, "reader", "root"), Tests.Identity.Roles.Roles.Orders));
        await running.SeesAsync(text, found => found is { Permissions.Count: 2 });
        await running.Grants.RevokeAsync(ada, "clerk");
        await running.SeesAsync(text, found => found is { Permissions: ["orders:read"] });

        await running.Node.Other.People.SetDisabledAsync(ada, true, None);
        await running.SeesAsync(text, found => found is null);
        await running.Node.Other.People.SetDisabledAsync(ada, false, None);
        await running.SeesAsync(text, found => found is not null);

        Assert.True(await running.Store.RevokeAsync(key.Id));
        await running.SeesAsync(text, found => found is null);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_key_is_of_its_owners_tenant_and_follows_them_to_another(DatabaseKind kind)
    {
        await using var running = await Running.StartAsync(kind);
        var ada = await running.Node.AddAsync("ada", person => person with { Tenant = "north" });
        using (var clients = new ClientStore(running.Node.Store, running.Node.Clock))
            Assert.True(await clients.TryAddAsync(new OAuthClient("shop", OAuthClient.HashSecret("s"), ["stock:count"], IsDisabled: false) { Tenant = "south" }));
        var (_, hers) = await running.AddAsync(ada, "orders:read");
        var (_, its) = await running.AddAsync("shop", "stock:count");
        await running.SeesAsync(hers, found => found is { Tenant: "north" });
        await running.SeesAsync(its, found => found is { Tenant: "south" });

        Assert.True(await running.Node.Other.People.TrySetTenantAsync(ada, "south", None));
        await running.SeesAsync(hers, found => found is { Tenant: "south" });
        Assert.True(await running.Node.Other.People.TrySetTenantAsync(ada, null, None));
        await running.SeesAsync(hers, found => found is { Tenant: null });
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_persons_key_does_not_carry_what_needs_a_second_factor_and_a_programs_does(DatabaseKind kind)
    {
        await using var running = await Running.StartAsync(kind, Tests.Identity.Roles.Roles.Strong);
        var ada = await running.Node.AddAsync("ada");
        await RoleGrantsTests.AddClientAsync(running.Node, "shop");
        foreach (var subject in (string[])[ada, "shop"]) Assert.Null(await running.Grants.GrantAsync(new(subject, "administrator", "root"), Tests.Identity.Roles.Roles.Strong));
        Assert.Null(await running.Grants.GrantAsync(new(ada, "reader", "root"), Tests.Identity.Roles.Roles.Strong));
        var (_, hers) = await running.AddAsync(ada, "orders:read", "users:write");
        var (_, its) = await running.AddAsync("shop", "orders:read", "users:write");
        await running.SeesAsync(its, found => found is { Permissions: ["users:write"] });
        await running.SeesAsync(hers, found => found is { Permissions: ["orders:read"] });
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_clients_key_ends_with_the_client(DatabaseKind kind)
    {
        await using var running = await Running.StartAsync(kind);
        await RoleGrantsTests.AddClientAsync(running.Node, "shop", "stock:count");
        var (_, text) = await running.AddAsync("shop", "stock:count", "stock:move");
        await running.SeesAsync(text, found => found is { IsPerson: false, Subject: "shop", Permissions: ["stock:count"] });
        using var elsewhere = new ClientStore(await running.Node.Database.OpenAsync(), running.Node.Clock);
        Assert.True(await elsewhere.TrySetDisabledAsync("shop", true));
        await running.SeesAsync(text, found => found is null);
    }

    [Fact]
    public async Task An_expired_key_does_not_count_and_one_that_nobody_made_leaves_nothing_behind()
    {
        await using var running = await Running.StartAsync(DatabaseKind.Sqlite);
        await RoleGrantsTests.AddClientAsync(running.Node, "shop", "stock:count");
        var (_, text) = await running.AddAsync("shop", "stock:count");
        await running.SeesAsync(text, found => found is not null);
        running.Node.Clock.Advance(TimeSpan.FromDays(90));
        Assert.Null(await running.FindAsync(text));

        Assert.Null(await running.Directory.FindAsync(new byte[31], None));
        var hash = new byte[32];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            hash[0] = (byte)i;
            hash[1] = (byte)(i >> 8);
            var pending = running.Directory.FindAsync(hash, None);
            Assert.True(pending.IsCompletedSuccessfully);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Equal(1, running.Directory.Count);
    }

    [Theory]
    [OnBothDatabases]
    public async Task While_the_feed_is_behind_a_known_key_is_read_again_and_an_unknown_one_does_not_count(DatabaseKind kind)
    {
        await using var running = await Running.StartAsync(kind);
        await RoleGrantsTests.AddClientAsync(running.Node, "shop", "stock:count");
        var (key, text) = await running.AddAsync("shop", "stock:count");
        await running.SeesAsync(text, found => found is { Permissions.Count: 1 });
        await running.Feed.StopAsync();
        await Eventually.HoldsAsync(() => !running.Feed.Changes.IsCurrent, "the feed is behind");

        Assert.NotNull(await running.FindAsync(text));
        var (_, later) = await running.AddAsync("shop", "stock:count");
        Assert.Null(await running.FindAsync(later));
        Assert.True(await running.Store.RevokeAsync(key.Id));
        Assert.Null(await running.FindAsync(text));
    }

    [Theory]
    [OnBothDatabases]
    public async Task The_day_of_the_last_use_is_kept_and_never_goes_back(DatabaseKind kind)
    {
        await using var running = await Running.StartAsync(kind);
        await RoleGrantsTests.AddClientAsync(running.Node, "shop", "stock:count");
        var (key, text) = await running.AddAsync("shop", "stock:count");
        await running.SeesAsync(text, found => found is not null);

        for (var i = 0; i < 100; i++) running.Directory.Used(key.Id);
        running.Directory.Used("0000000000000000");
        await running.UsedAsync(key.Id, new DateOnly(2030, 1, 1));
        running.Node.Clock.Advance(TimeSpan.FromDays(2));
        running.Directory.Used(key.Id);
        await running.UsedAsync(key.Id, new DateOnly(2030, 1, 3));
        running.Node.Clock.Advance(TimeSpan.FromDays(-1));
        running.Directory.Used(key.Id);
        await running.UsedAsync(key.Id, new DateOnly(2030, 1, 3));
        Assert.Equal(0, AllocatedBytes.PerOperation(() => running.Directory.Used(key.Id)));
    }

    private static (ApiKey Key, Secret Text) Issue(TestNode node, string subject, params string[] permissions)
        => ApiKey.Issue(subject, "a key", permissions.Length == 0 ? ["orders:read"] : permissions, TimeSpan.FromDays(90), node.Clock);

    private sealed class Running : IAsyncDisposable
    {
        private readonly RunningRoles roles = new();
        private readonly ClientStore clients;
        private readonly ApiKeyUses uses;

        private Running(TestNode node, RoleSet defined)
        {
            Node = node;
            roles.Publish(defined, ["orders:read", "orders:write"]);
            Feed = new RunningFeed(node.Store);
            clients = new ClientStore(node.Store, node.Clock, Feed.Changes);
            Grants = new RoleGrants(node.Store, node.Clock, Feed.Changes);
            uses = new ApiKeyUses(node.Store, node.Clock, NullLoggerFactory.Instance);
            Directory = new ApiKeyDirectory(node.Store, new Entitlements(roles, Grants, clients), uses, Feed.Changes, node.Clock);
            Store = new ApiKeyStore(node.Store, node.Stores.Sealer, node.Clock);
        }

        public TestNode Node { get; }

        public RunningFeed Feed { get; }

        public RoleGrants Grants { get; }

        public ApiKeyDirectory Directory { get; }

        public ApiKeyStore Store { get; }

        public static async Task<Running> StartAsync(DatabaseKind kind, RoleSet? defined = null)
        {
            var running = new Running(await TestNode.StartAsync(kind), defined ?? Tests.Identity.Roles.Roles.Orders);
            await running.Feed.StartAsync();
            return running;
        }

        public async Task<(ApiKey Key, Secret Text)> AddAsync(string subject, params string[] permissions)
        {
            var made = Issue(Node, subject, permissions);
            Assert.Null(await Store.AddAsync(made.Key));
            return made;
        }

        public Task<KnownApiKey?> FindAsync(Secret text) => Directory.FindAsync(ApiKeyText.Hash(text), None).AsTask();

        public Task SeesAsync(Secret text, Func<KnownApiKey?, bool> condition) => Eventually.HoldsAsync(async () => condition(await FindAsync(text)), "the node sees the change");

        /// <summary>Lets the writer write, and waits for what it must have written.</summary>
        public async Task UsedAsync(string id, DateOnly day)
        {
            await Eventually.HoldsAsync(
                async () =>
                {
                    Node.Clock.Advance(TimeSpan.FromSeconds(5));
                    return (await Store.ListAsync()).Single(key => key.Id == id).LastUsed == day;
                },
                "the use is written");
        }

        public async ValueTask DisposeAsync()
        {
            Directory.Dispose();
            await uses.DisposeAsync();
            Grants.Dispose();
            clients.Dispose();
            await Feed.DisposeAsync();
            await Node.DisposeAsync();
        }
    }
}
