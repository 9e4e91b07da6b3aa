using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Control.Tests.Identity.People;

/// <summary>Who needs a second factor keeps one, whatever comes at once: the database decides.</summary>
public sealed class LastFactorTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly RoleSet Roles = RoleSet.Compile(
        new Dictionary<string, RoleOptions>(StringComparer.Ordinal)
        {
            ["administrator"] = new() { Permissions = ["users:write"], Mfa = RoleFactor.Required },
            ["boss"] = new() { Includes = ["administrator"] },
            ["reader"] = new() { Permissions = ["orders:read"] },
        },
        [],
        static defect => Assert.False(defect.IsError, defect.Text));

    [Theory]
    [OnBothDatabases]
    public async Task Of_all_factors_removed_at_once_one_stays(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var ada = await node.AddAsync("ada", person => person with { RequiresMfa = true });
        await AddFactorsAsync(node, ada, passkeys: 31);

        // Each of them twice, on both nodes.
        var removals = await node.AtOnceAsync((stores, i) => RemoveAsync(stores, ada, i / 2));

        Assert.Equal(31, removals.Count(removal => removal == FactorRemoval.Removed));
        Assert.Contains(FactorRemoval.LastOne, removals);
        var left = (await node.Stores.Passkeys.ListAsync(ada, None)).Count + (await node.Stores.Factors.FindTotpAsync(ada, None) is null ? 0 : 1);
        Assert.Equal(1, left);
        Assert.True((await node.Other.People.FindByIdAsync(ada, None))!.HasSecondFactor);
    }

    [Theory]
    [OnBothDatabases]
    public async Task Who_needs_one_by_a_role_keeps_it_and_who_needs_none_keeps_none(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        using var grants = new RoleGrants(node.Store, node.Clock);
        foreach (var (name, role, expected) in ((string, string?, FactorRemoval)[])[("ada", "administrator", FactorRemoval.LastOne), ("bob", "boss", FactorRemoval.LastOne), ("eve", "reader", FactorRemoval.Removed), ("max", null, FactorRemoval.Removed)])
        {
            var id = await node.AddAsync(name);
            if (role is not null) Assert.Null(await grants.GrantAsync(new(id, role, "root"), Roles));
            await AddFactorsAsync(node, id, passkeys: 0);
            Assert.Equal(expected, await node.Other.Factors.TryRemoveTotpAsync(id, Roles, None));
            Assert.Equal(expected == FactorRemoval.LastOne, (await node.Stores.People.FindByIdAsync(id, None))!.HasSecondFactor);

            // An operator takes away what nobody else may.
            Assert.Equal(expected == FactorRemoval.LastOne, await node.Stores.Factors.RemoveTotpAsync(id, None));
            Assert.Equal(FactorRemoval.None, await node.Stores.Factors.TryRemoveTotpAsync(id, Roles, None));
        }
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_role_that_has_ended_or_asks_no_more_holds_nothing(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        using var grants = new RoleGrants(node.Store, node.Clock);
        var ada = await node.AddAsync("ada");
        Assert.Null(await grants.GrantAsync(new(ada, "administrator", "root", node.Clock.GetUtcNow().AddHours(1)), Roles));
        Assert.True(await node.Stores.Passkeys.TryAddAsync(Key(ada, 1), 5, None));
        Assert.Equal(FactorRemoval.LastOne, await node.Stores.Passkeys.TryRemoveAsync(ada, new byte[] { 1 }, Roles, None));
        Assert.Equal(FactorRemoval.None, await node.Stores.Passkeys.TryRemoveAsync(ada, new byte[] { 2 }, Roles, None));
        Assert.Equal(FactorRemoval.None, await node.Stores.Passkeys.TryRemoveAsync(await node.AddAsync("eve"), new byte[] { 1 }, Roles, None));

        node.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(FactorRemoval.Removed, await node.Stores.Passkeys.TryRemoveAsync(ada, new byte[] { 1 }, Roles, None));
        Assert.Null(await grants.GrantAsync(new(ada, "administrator", "root"), Roles));
        Assert.True(await node.Stores.Passkeys.TryAddAsync(Key(ada, 1), 5, None));
        Assert.Equal(FactorRemoval.Removed, await node.Stores.Passkeys.TryRemoveAsync(ada, new byte[] { 1 }, RoleSet.Empty, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Somebody_else_s_credential_and_a_subject_that_nobody_has_change_nothing(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        Assert.Equal(FactorRemoval.None, await node.Stores.Factors.TryRemoveTotpAsync(Guid.NewGuid().ToString("N"), Roles, None));
        Assert.Equal(FactorRemoval.None, await node.Stores.Factors.TryRemoveTotpAsync("shop", Roles, None));
        Assert.Equal(FactorRemoval.None, await node.Stores.Passkeys.TryRemoveAsync("shop", new byte[] { 1 }, Roles, None));
    }

    private static Passkey Key(string subject, byte number)
        => new() { CredentialId = new[] { number }, Subject = subject, PublicKey = new byte[] { 1 }, Label = "key", SignCount = 0, IsBackedUp = false, Created = DateTimeOffset.UnixEpoch };

    private static async Task AddFactorsAsync(TestNode node, string subject, int passkeys)
    {
        await node.Stores.Factors.SetTotpAsync(subject, Totp.NewSecret(), 1, None);
        for (var i = 1; i <= passkeys; i++) Assert.True(await node.Stores.Passkeys.TryAddAsync(Key(subject, (byte)i), 100, None));
    }

    private static Task<FactorRemoval> RemoveAsync(PeopleStores stores, string subject, int which)
        => which == 0 ? stores.Factors.TryRemoveTotpAsync(subject, Roles, None) : stores.Passkeys.TryRemoveAsync(subject, new[] { (byte)which }, Roles, None);
}
