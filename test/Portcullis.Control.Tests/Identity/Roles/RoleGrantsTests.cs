using Portcullis.Control.Identity;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Identity.People;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity;

namespace Portcullis.Control.Tests.Identity.Roles;

public sealed class RoleGrantsTests
{
    [Theory]
    [OnBothDatabases]
    public async Task A_person_and_a_client_have_the_roles_that_they_were_granted_and_no_others(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada");
        await AddClientAsync(node, "shop");
        using var grants = new RoleGrants(node.Store, node.Clock);

        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root"), Roles.Orders));
        Assert.Null(await grants.GrantAsync(new(ada, "auditor", "root"), Roles.Orders));
        Assert.Null(await grants.GrantAsync(new("shop", "reader", "root"), Roles.Orders));

        Assert.Equal(["auditor", "clerk"], await grants.RolesOfAsync(ada));
        Assert.Equal(["reader"], await grants.RolesOfAsync("shop"));
        Assert.Empty(await grants.RolesOfAsync("nobody"));
        var all = await grants.ListAsync();
        Assert.Equal(3, all.Count);
        Assert.Equal((false, "reader", "root", node.Clock.GetUtcNow(), null), all.Where(grant => grant.Subject == "shop").Select(grant => (grant.IsPerson, grant.Role, grant.GrantedBy, grant.Created, grant.Expires)).Single());

        Assert.True(await grants.RevokeAsync(ada, "clerk"));
        Assert.False(await grants.RevokeAsync(ada, "clerk"));
        Assert.False(await grants.RevokeAsync("shop", "auditor"));
        Assert.Equal(["auditor"], await grants.RolesOfAsync(ada));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_grant_that_gets_another_end_names_who_gave_it_that(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada");
        using var grants = new RoleGrants(node.Store, node.Clock);
        var end = node.Clock.GetUtcNow().AddHours(1);
        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root", end), Roles.Orders));
        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "eve"), Roles.Orders));

        var grant = Assert.Single(await grants.ListAsync());
        Assert.Equal(("eve", null), (grant.GrantedBy, grant.Expires));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Nobody_who_is_not_there_and_no_role_that_is_not_defined_is_granted(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada");
        using var grants = new RoleGrants(node.Store, node.Clock);

        Assert.Equal("there is no role 'clerks'", await grants.GrantAsync(new(ada, "clerks", "root"), Roles.Orders));
        Assert.Contains("no person or client", await grants.GrantAsync(new("shop", "clerk", "root"), Roles.Orders), StringComparison.Ordinal);
        var nobody = Guid.NewGuid().ToString("N");
        Assert.Contains("no person or client", await grants.GrantAsync(new(nobody, "clerk", "root"), Roles.Orders), StringComparison.Ordinal);
        Assert.Contains("no person or client", await grants.GrantAsync(new(ada.ToUpperInvariant(), "clerk", "root"), Roles.Orders), StringComparison.Ordinal);
        Assert.NotNull(await grants.GrantAsync(new(ada, "clerk", "root", node.Clock.GetUtcNow()), Roles.Orders));
        Assert.Empty(await grants.ListAsync());
        Assert.Equal(0L, await node.Database.SqlAsync($"SELECT count(*) FROM changes WHERE topic = '{ChangeTopic.Roles}'"));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Roles_that_separate_duties_are_refused_whatever_way_the_other_one_came(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada");
        await AddClientAsync(node, "shop", "orders:approve");
        using var grants = new RoleGrants(node.Store, node.Clock);
        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root"), Roles.Orders));

        var refusal = await grants.GrantAsync(new(ada, "approver", "root"), Roles.Orders);
        Assert.Contains("exclude each other", refusal, StringComparison.Ordinal);
        Assert.Contains("exclude each other", await grants.GrantAsync(new("shop", "clerk", "root"), Roles.Orders), StringComparison.Ordinal);
        Assert.Equal(["clerk"], await grants.RolesOfAsync(ada));

        // By a role whose grant has ended nothing is held.
        Assert.True(await grants.RevokeAsync(ada, "clerk"));
        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root", node.Clock.GetUtcNow().AddHours(1)), Roles.Orders));
        node.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await grants.GrantAsync(new(ada, "approver", "root"), Roles.Orders));
        Assert.Equal(["approver"], await grants.RolesOfAsync(ada));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Of_64_grants_at_once_on_two_nodes_those_that_exclude_each_other_never_meet(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada");
        var other = await node.Database.OpenAsync();
        for (var round = 0; round < 3; round++)
        {
            using var one = new RoleGrants(node.Store, node.Clock);
            using var two = new RoleGrants(other, node.Clock);
            var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() =>
                (i % 2 == 0 ? one : two).GrantAsync(new(ada, i % 4 < 2 ? "clerk" : "approver", "root"), Roles.Orders)))).WithPatience();

            var held = Assert.Single(await one.ListAsync(ada));
            Assert.Equal(32, answers.Count(answer => answer is null));
            Assert.Equal(32, answers.Count(answer => answer?.Contains("exclude each other", StringComparison.Ordinal) == true));
            Assert.True(await one.RevokeAsync(ada, held.Role));
        }
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_holder_has_no_more_roles_than_the_most_also_of_grants_at_once(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada");
        using var grants = new RoleGrants(node.Store, node.Clock);
        var many = Roles.Compile([.. Enumerable.Range(0, RoleGrants.MostOfHolder + 6).Select(i => ($"r{i}", $"a:b{i}"))]);

        var answers = await Task.WhenAll(Enumerable.Range(0, RoleGrants.MostOfHolder + 6).Select(i => Task.Run(() => grants.GrantAsync(new(ada, $"r{i}", "root"), many)))).WithPatience();

        Assert.Equal(6, answers.Count(answer => answer is not null));
        Assert.Equal(RoleGrants.MostOfHolder, (await grants.RolesOfAsync(ada)).Count);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_grant_with_an_end_ends_by_itself_and_a_new_grant_moves_the_end(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada");
        using var grants = new RoleGrants(node.Store, node.Clock);
        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root", node.Clock.GetUtcNow().AddHours(1)), Roles.Orders));
        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root", node.Clock.GetUtcNow().AddHours(2)), Roles.Orders));
        node.Clock.Advance(TimeSpan.FromMinutes(119));
        Assert.Equal(["clerk"], await grants.RolesOfAsync(ada));
        node.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await grants.RolesOfAsync(ada));
        Assert.Empty(await grants.ListAsync());

        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root"), Roles.Orders));
        Assert.Null(Assert.Single(await grants.ListAsync()).Expires);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_running_node_sees_within_a_second_what_another_granted_and_took_back(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada");
        using var elsewhere = new RoleGrants(await node.Database.OpenAsync(), node.Clock);
        Assert.Null(await elsewhere.GrantAsync(new(ada, "reader", "root"), Roles.Orders));
        await using var feed = new RunningFeed(node.Store);
        using var grants = new RoleGrants(node.Store, node.Clock, feed.Changes);
        await feed.StartAsync();
        await Eventually.HoldsAsync(() => grants.Loaded.IsCompleted, "the node has read them");
        Assert.Equal(["reader"], grants.KnownRolesOf(ada));
        Assert.True(grants.RolesOfAsync(ada).IsCompleted);

        var before = grants.Version;
        Assert.Null(await elsewhere.GrantAsync(new(ada, "clerk", "root"), Roles.Orders));
        await Eventually.HoldsAsync(() => grants.KnownRolesOf(ada) is ["clerk", "reader"], "it sees the grant");
        Assert.NotEqual(before, grants.Version);
        Assert.True(await elsewhere.RevokeAsync(ada, "clerk"));
        Assert.True(await elsewhere.RevokeAsync(ada, "reader"));
        await Eventually.HoldsAsync(() => grants.KnownRolesOf(ada).Count == 0, "it sees that they were taken back");

        // Its own changes at once, and where memory is behind the database is asked.
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root"), Roles.Orders));
            Assert.Equal(["clerk"], await grants.RolesOfAsync(ada));
            Assert.True(await grants.RevokeAsync(ada, "clerk"));
            Assert.Empty(await grants.RolesOfAsync(ada));
        }
    }

    [Fact]
    public async Task A_grant_that_ends_by_itself_is_told_like_a_change()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var ada = await node.AddAsync("ada");
        await using var feed = new RunningFeed(node.Store);
        using var grants = new RoleGrants(node.Store, node.Clock, feed.Changes);
        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root", node.Clock.GetUtcNow().AddDays(3)), Roles.Orders));
        await feed.StartAsync();
        await Eventually.HoldsAsync(() => grants.Loaded.IsCompleted, "the node has read them");
        Assert.Equal(["clerk"], grants.KnownRolesOf(ada));

        node.Clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromSeconds(1));
        var before = grants.Version;
        Assert.Equal(["clerk"], grants.KnownRolesOf(ada));
        node.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(grants.KnownRolesOf(ada));
        Assert.NotEqual(before, grants.Version);
    }

    [Fact]
    public async Task A_node_that_cannot_follow_changes_asks_the_database_and_keeps_what_it_knew_for_who_cannot_wait()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var ada = await node.AddAsync("ada");
        await using var feed = new RunningFeed(node.Store);
        using var grants = new RoleGrants(node.Store, node.Clock, feed.Changes);
        Assert.Null(await grants.GrantAsync(new(ada, "clerk", "root"), Roles.Orders));
        await feed.StartAsync();
        await Eventually.HoldsAsync(() => grants.Loaded.IsCompleted, "the node has read them");
        await feed.StopAsync();
        await Eventually.HoldsAsync(() => !feed.Changes.IsCurrent, "the feed is behind");

        using var elsewhere = new RoleGrants(await node.Database.OpenAsync(), node.Clock);
        Assert.True(await elsewhere.RevokeAsync(ada, "clerk"));
        Assert.Empty(await grants.RolesOfAsync(ada));
        Assert.Equal(["clerk"], grants.KnownRolesOf(ada));
        await node.Database.SqlAsync("ALTER TABLE role_grants RENAME TO gone");
        await Assert.ThrowsAsync<StoreException>(() => grants.RolesOfAsync(ada));
    }

    internal static async Task AddClientAsync(TestNode node, string id, params string[] permissions)
    {
        using var clients = new ClientStore(node.Store, node.Clock);
        Assert.True(await clients.TryAddAsync(new OAuthClient(id, OAuthClient.HashSecret("secret"), permissions, IsDisabled: false)));
    }
}
