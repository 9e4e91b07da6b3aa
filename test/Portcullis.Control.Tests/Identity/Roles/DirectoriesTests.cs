using Portcullis.Control.Identity;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Tests.Identity.People;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Tests.Identity.Roles;

/// <summary>What people and clients may do in the end, as the data plane is told.</summary>
public sealed class DirectoriesTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task A_person_may_do_what_their_roles_say_until_the_role_is_taken_back_or_they_are_disabled(DatabaseKind kind)
    {
        await using var running = await Running.StartAsync(kind);
        var ada = await running.Node.AddAsync("ada", person => person with { DisplayName = "Ada L." });
        Assert.Empty((await running.People.FindAsync(ada, None))!.Permissions);
        Assert.Null(await running.Grants.GrantAsync(new(ada, "clerk", "root"), Roles.Orders));
        Assert.Null(await running.Grants.GrantAsync(new(ada, "auditor", "root"), Roles.Orders));

        await Eventually.HoldsAsync(async () => (await running.People.FindAsync(ada, None))!.Permissions.Count == 2, "the grants are seen");
        var person = (await running.People.FindAsync(ada, None))!;
        Assert.Equal(["orders:read", "orders:write"], person.Permissions);
        Assert.Equal(["auditor", "clerk"], person.Roles);
        Assert.Equal((ada, "Ada L.", "ada"), (person.Subject, person.Name, person.UserName));
        await Eventually.HoldsAsync(() => running.Entitlements.Of(ada).Contains("bills:read"), "tokens are held against it");

        await running.Grants.RevokeAsync(ada, "clerk");
        await Eventually.HoldsAsync(async () => (await running.People.FindAsync(ada, None))!.Permissions.SequenceEqual(["orders:read"]), "the revocation is seen");
        await Eventually.HoldsAsync(() => !running.Entitlements.Of(ada).Contains("orders:write"), "tokens have lost it");

        // By another node.
        await running.Node.Other.People.SetDisabledAsync(ada, true, None);
        await Eventually.HoldsAsync(async () => await running.People.FindAsync(ada, None) is null, "it is seen that she is disabled");
        await running.Node.Other.People.SetDisabledAsync(ada, false, None);
        await Eventually.HoldsAsync(async () => await running.People.FindAsync(ada, None) is not null, "she is back");
    }

    [Theory]
    [OnBothDatabases]
    public async Task What_needs_a_second_factor_is_apart_and_a_tenant_follows_within_a_second(DatabaseKind kind)
    {
        await using var running = await Running.StartAsync(kind);
        running.Configure(Roles.Strong);
        var ada = await running.Node.AddAsync("ada", person => person with { Tenant = "north" });
        await RoleGrantsTests.AddClientAsync(running.Node, "shop");
        foreach (var (subject, role) in ((string, string)[])[(ada, "reader"), (ada, "administrator"), ("shop", "administrator")]) Assert.Null(await running.Grants.GrantAsync(new(subject, role, "root"), Roles.Strong));
        await Eventually.HoldsAsync(async () => (await running.People.FindAsync(ada, None))!.BySeveralFactors is not null, "the grant is seen");
        var person = (await running.People.FindAsync(ada, None))!;
        Assert.Equal(["orders:read"], person.Permissions);
        Assert.Equal(["reader"], person.Roles);
        Assert.Equal(["orders:read", "users:write"], person.BySeveralFactors!.Permissions);
        Assert.Equal(["administrator", "reader"], person.BySeveralFactors.Roles);
        Assert.Equal("north", person.Tenant);
        await Eventually.HoldsAsync(() => running.Entitlements.Of(ada).Contains("users:write"), "tokens are held against it");
        Assert.False(running.Entitlements.Of(ada).ByOneFactor.Contains("users:write"));
        await Eventually.HoldsAsync(() => running.Entitlements.Of("shop").ByOneFactor.Contains("users:write"), "a program is asked for none");

        await running.Node.Other.People.TrySetTenantAsync(ada, "south", None);
        await Eventually.HoldsAsync(async () => (await running.People.FindAsync(ada, None))!.Tenant == "south", "the move is seen");
    }

    [Fact]
    public async Task Who_is_no_person_is_nobody_and_the_database_is_not_asked()
    {
        await using var running = await Running.StartAsync(DatabaseKind.Sqlite);
        await running.Node.Database.SqlAsync("ALTER TABLE people RENAME TO gone");
        foreach (var subject in (string[])["shop", "", "https://login.example ada", Guid.NewGuid().ToString("D"), Guid.NewGuid().ToString("N").ToUpperInvariant()])
            Assert.Null(await running.People.FindAsync(subject, None));
    }

    [Fact]
    public async Task A_person_in_use_is_answered_from_memory()
    {
        await using var running = await Running.StartAsync(DatabaseKind.Sqlite);
        var ada = await running.Node.AddAsync("ada");
        await running.QuietAsync();
        var first = await running.People.FindAsync(ada, None);
        var second = running.People.FindAsync(ada, None);
        Assert.True(second.IsCompletedSuccessfully);
        Assert.Same(first, await second);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_client_may_do_what_it_is_registered_for_and_what_its_roles_say(DatabaseKind kind)
    {
        await using var running = await Running.StartAsync(kind);
        await RoleGrantsTests.AddClientAsync(running.Node, "shop", "stock:count");
        await Eventually.HoldsAsync(async () => await running.Directory.FindAsync("shop", None) is not null, "the client is known");
        Assert.Equal(["stock:count"], (await running.Directory.FindAsync("shop", None))!.Permissions);
        Assert.Null(await running.Grants.GrantAsync(new("shop", "auditor", "root"), Roles.Orders));
        await Eventually.HoldsAsync(async () => (await running.Directory.FindAsync("shop", None))!.Permissions.Count == 2, "the grant is seen");

        Assert.Equal(["orders:read", "stock:count"], (await running.Directory.FindAsync("shop", None))!.Permissions);
        await Eventually.HoldsAsync(() => running.Entitlements.Of("shop") is var own && own.Contains("stock:count") && own.Contains("orders:read"), "tokens are held against both");
        Assert.False(running.Entitlements.Of("shop").Contains("orders:write"));
        Assert.Null(await running.Directory.FindAsync("other", None));
        Assert.Empty(running.Entitlements.Of("other").Grants);
    }

    [Fact]
    public async Task A_role_that_is_redefined_counts_at_once_for_people_and_clients()
    {
        await using var running = await Running.StartAsync(DatabaseKind.Sqlite);
        var ada = await running.Node.AddAsync("ada");
        Assert.Null(await running.Grants.GrantAsync(new(ada, "clerk", "root"), Roles.Orders));
        await Eventually.HoldsAsync(async () => (await running.People.FindAsync(ada, None))!.Permissions.SequenceEqual(["orders:write"]), "the grant is seen");
        await running.QuietAsync();
        var version = running.Entitlements.Version;

        running.Configure(Roles.Compile([("clerk", "orders:list")]), "orders:list");

        Assert.NotEqual(version, running.Entitlements.Version);
        Assert.Equal(["orders:list"], (await running.People.FindAsync(ada, None))!.Permissions);
        Assert.True(running.Entitlements.Of(ada).Contains("orders:list"));
        Assert.False(running.Entitlements.Of(ada).Contains("orders:write"));

        // A role that is no longer defined grants nothing and is not told.
        running.Configure(RoleSet.Empty);
        var person = (await running.People.FindAsync(ada, None))!;
        Assert.Empty(person.Permissions);
        Assert.Empty(person.Roles);
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly RunningFeed feed;

        private Running(TestNode node)
        {
            Node = node;
            feed = new RunningFeed(node.Store);
            Clients = new ClientStore(node.Store, node.Clock, feed.Changes);
            Grants = new RoleGrants(node.Store, node.Clock, feed.Changes);
            Entitlements = new Entitlements(RunningRoles, Grants, Clients);
            Directory = new ClientDirectory(Clients, Entitlements);
            People = new PeopleDirectory(node.Stores.People, Entitlements, feed.Changes);
        }

        public TestNode Node { get; }

        public RunningRoles RunningRoles { get; } = new();

        public ClientStore Clients { get; }

        public RoleGrants Grants { get; }

        public Entitlements Entitlements { get; }

        public ClientDirectory Directory { get; }

        public PeopleDirectory People { get; }

        public static async Task<Running> StartAsync(DatabaseKind kind)
        {
            var running = new Running(await TestNode.StartAsync(kind));
            running.Configure(Roles.Orders, "orders:read", "orders:write", "orders:approve");
            await running.feed.StartAsync();
            await running.Entitlements.Loaded.WithPatience();
            return running;
        }

        public void Configure(RoleSet roles, params string[] vocabulary) => RunningRoles.Publish(roles, vocabulary);

        /// <summary>Waits until the feed has told what was changed so far.</summary>
        public async Task QuietAsync()
        {
            var subject = Guid.NewGuid().ToString("N");
            var isThere = false;
            var isTold = false;
            using var subscription = feed.Changes.Subscribe("test", (key, _) =>
            {
                isThere = true;
                isTold |= key == subject;
                return default;
            });
            await Eventually.HoldsAsync(() => isThere, "the subscription is there");
            await Node.Database.SqlAsync($"INSERT INTO changes (topic, key) VALUES ('test', '{subject}')");
            await Eventually.HoldsAsync(() => isTold, "the feed has told all");
        }

        public async ValueTask DisposeAsync()
        {
            People.Dispose();
            Grants.Dispose();
            Clients.Dispose();
            await feed.DisposeAsync();
            await Node.DisposeAsync();
        }
    }
}
