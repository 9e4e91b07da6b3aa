using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Identity.People;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Tests.Identity.Roles;

public sealed class PermissionUseStoreTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DateOnly Today = new(2030, 1, 1);
    private static readonly string Ada = Guid.NewGuid().ToString("N");

    [Theory]
    [OnBothDatabases]
    public async Task Uses_are_kept_once_however_often_and_by_whom_they_are_written(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var uses = new PermissionUseStore(node.Store, node.Clock);
        var elsewhere = new PermissionUseStore(await node.Database.OpenAsync(), node.Clock);
        var batch = Enumerable.Range(0, 700).Select(i => new PermissionUse(i % 2 == 0 ? Ada : "shop", $"orders:r{i}", Today)).ToList();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? uses : elsewhere).RecordAsync(batch, None)))).WithPatience();
        await uses.RecordAsync([new(Ada, "orders:r0", Today.AddDays(1))], None);

        var evidence = await uses.ReadAsync(Today);
        Assert.Equal(700, evidence.Uses.Count);
        Assert.Equal(Today.AddDays(1), evidence.Uses.Single(use => use is { Permission: "orders:r0" }).Day);
        Assert.Equal((Today, true), (evidence.Since, evidence.Covers(Today)));
        Assert.Equal([(Ada, Today.AddDays(1)), ("shop", Today)], (await uses.LastDaysAsync()).OrderBy(pair => pair.Key == "shop").Select(pair => (pair.Key, pair.Value)));
        Assert.Single((await uses.ReadAsync(Today.AddDays(1))).Uses);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_day_of_which_uses_were_lost_is_a_gap_and_knowledge_begins_with_the_first_writing(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var uses = new PermissionUseStore(node.Store, node.Clock);
        Assert.Equal((Today, true), ((await uses.ReadAsync(Today.AddDays(-90))).Since, (await uses.ReadAsync(Today)).Covers(Today)));
        await uses.RecordGapAsync(Today, None);
        await uses.RecordGapAsync(Today, None);
        node.Clock.Advance(TimeSpan.FromDays(100));
        await uses.RecordAsync([new(Ada, "orders:read", Today.AddDays(100))], None);

        var evidence = await uses.ReadAsync(Today.AddDays(-1));
        Assert.Equal(Today, evidence.Since);
        Assert.Equal([Today], evidence.Gaps);
        Assert.False(evidence.Covers(Today));
        Assert.True(evidence.Covers(Today.AddDays(1)));
        Assert.Equal("orders:read", Assert.Single(evidence.Uses).Permission);
    }

    [Theory]
    [OnBothDatabases]
    public async Task What_is_too_old_goes_and_the_day_on_which_it_all_began_stays(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var uses = new PermissionUseStore(node.Store, node.Clock);
        await uses.RecordAsync([new(Ada, "orders:read", Today)], None);
        await uses.RecordGapAsync(Today, None);
        node.Clock.Advance(PermissionUseStore.Kept + TimeSpan.FromDays(2));
        await uses.RecordAsync([new(Ada, "orders:write", Today.AddDays(402))], None);

        var evidence = await uses.ReadAsync(Today.AddDays(-1));
        Assert.Equal("orders:write", Assert.Single(evidence.Uses).Permission);
        Assert.Empty(evidence.Gaps);
        Assert.Equal(Today, evidence.Since);
    }

    [Fact]
    public async Task A_subject_that_no_holder_has_does_not_keep_others_from_being_written()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var uses = new PermissionUseStore(node.Store, node.Clock);
        await uses.RecordAsync([new(new string('x', 300), "orders:read", Today), new(Ada, "orders:read", Today)], None);
        Assert.Equal(Ada, Assert.Single((await uses.ReadAsync(Today)).Uses).Caller);
    }

    [Fact]
    public async Task A_database_that_is_away_is_told_to_whoever_writes()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var uses = new PermissionUseStore(node.Store, node.Clock);
        await node.Database.SqlAsync("ALTER TABLE permission_uses RENAME TO gone");
        await Assert.ThrowsAsync<StoreException>(() => uses.RecordAsync([new(Ada, "orders:read", Today)], None));
    }
}
