using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Storage;
using Portcullis.Control.Tests.Storage;
using Portcullis.Trust.Keys;
using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Control.Tests.Identity.People;

/// <summary>One-time codes and recovery codes in the database.</summary>
public sealed class SecondFactorsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task A_generator_comes_back_as_it_was_set_with_the_code_that_proved_it_spent(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        var secret = Totp.NewSecret();
        await node.Stores.Factors.SetTotpAsync(id, secret, 41, None);

        var found = await node.Other.Factors.FindTotpAsync(id, None);

        Assert.Equal((secret, 41L, node.Clock.GetUtcNow()), (found!.Secret, found.LastStep, found.Enrolled));
        Assert.False(await node.Other.Factors.TrySpendTotpAsync(id, 41, None));
        Assert.True(await node.Other.Factors.TrySpendTotpAsync(id, 42, None));
        Assert.False(await node.Stores.Factors.TrySpendTotpAsync(id, 40, None));
        Assert.Equal(42, (await node.Stores.Factors.FindTotpAsync(id, None))!.LastStep);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_code_that_is_used_many_times_at_once_counts_once(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        await node.Stores.Factors.SetTotpAsync(id, Totp.NewSecret(), 1, None);

        Assert.Single(await node.AtOnceAsync((stores, _) => stores.Factors.TrySpendTotpAsync(id, 2, None)), success => success);
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_first_generator_is_set_once_also_when_many_are_set_at_once_and_not_beside_a_passkey(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        Assert.Single(await node.AtOnceAsync((stores, i) => stores.Factors.TrySetFirstTotpAsync(id, Secret.FromText($"secret of node {i:D2}"), i, None)), success => success);
        var found = await node.Stores.Factors.FindTotpAsync(id, None);
        Assert.Equal($"secret of node {found!.LastStep:D2}", found.Secret.Reveal());

        var bob = await node.AddAsync("bob");
        var passkey = new Passkey { CredentialId = new byte[] { 1 }, Subject = bob, PublicKey = new byte[] { 2 }, Label = "key", SignCount = 0, IsBackedUp = false, Created = node.Clock.GetUtcNow() };
        Assert.True(await node.Stores.Passkeys.TryAddAsync(passkey, 5, None));
        Assert.False(await node.Stores.Factors.TrySetFirstTotpAsync(bob, Totp.NewSecret(), 1, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_new_generator_takes_the_place_of_the_old_one_also_when_many_are_set_at_once(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");

        await node.AtOnceAsync(async (stores, i) =>
        {
            await stores.Factors.SetTotpAsync(id, Secret.FromText($"secret of node {i:D2}"), i, None);
            return i;
        });

        var found = await node.Stores.Factors.FindTotpAsync(id, None);
        Assert.Equal($"secret of node {found!.LastStep:D2}", found.Secret.Reveal());
        Assert.Equal(1, await node.Store.UseAsync(context => context.TotpSecrets.CountAsync()));
    }

    [Theory]
    [OnBothDatabases]
    public async Task What_was_removed_spends_no_code(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        await node.Stores.Factors.SetTotpAsync(id, Totp.NewSecret(), 1, None);

        Assert.True(await node.Other.Factors.RemoveTotpAsync(id, None));
        Assert.False(await node.Stores.Factors.RemoveTotpAsync(id, None));
        Assert.False(await node.Stores.Factors.TrySpendTotpAsync(id, 2, None));
        Assert.Null(await node.Stores.Factors.FindTotpAsync(id, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_recovery_code_that_is_used_many_times_at_once_counts_once(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var (id, other) = (await node.AddAsync("ada"), await node.AddAsync("eve"));
        var codes = RecoveryCodes.Generate();
        await node.Stores.Factors.ReplaceRecoveryCodesAsync(id, [.. codes.Select(code => code.Hash)], None);

        Assert.False(await node.Stores.Factors.TrySpendRecoveryCodeAsync(other, codes[0].Hash, None));
        Assert.Single(await node.AtOnceAsync((stores, _) => stores.Factors.TrySpendRecoveryCodeAsync(id, codes[0].Hash, None)), success => success);
        Assert.Equal(9, await node.Other.Factors.CountRecoveryCodesAsync(id, None));
        Assert.False(await node.Stores.Factors.TrySpendRecoveryCodeAsync(id, codes[0].Hash, None));
        Assert.True(await node.Stores.Factors.TrySpendRecoveryCodeAsync(id, codes[9].Hash, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_new_set_of_recovery_codes_replaces_the_old_one_whole(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var id = await node.AddAsync("ada");
        var sets = Enumerable.Range(0, 64).Select(_ => RecoveryCodes.Generate()).ToArray();

        await node.AtOnceAsync(async (stores, i) =>
        {
            await stores.Factors.ReplaceRecoveryCodesAsync(id, [.. sets[i].Select(code => code.Hash)], None);
            return i;
        });

        Assert.Equal(10, await node.Stores.Factors.CountRecoveryCodesAsync(id, None));
        var spent = new List<int>();
        for (var i = 0; i < 64; i++)
        {
            if (await node.Stores.Factors.TrySpendRecoveryCodeAsync(id, sets[i][0].Hash, None)) spent.Add(i);
        }

        Assert.Single(spent);
        await node.Stores.Factors.ReplaceRecoveryCodesAsync(id, [], None);
        Assert.Equal(0, await node.Stores.Factors.CountRecoveryCodesAsync(id, None));
    }

    [Theory]
    [OnBothDatabases]
    public async Task Nobody_has_no_factors_and_gets_none(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var (nobody, factors) = (Guid.NewGuid().ToString("N"), node.Stores.Factors);

        foreach (var subject in new[] { nobody, "ada", nobody.ToUpperInvariant() })
        {
            Assert.Null(await factors.FindTotpAsync(subject, None));
            Assert.False(await factors.TrySpendTotpAsync(subject, 1, None));
            Assert.False(await factors.TrySpendRecoveryCodeAsync(subject, new byte[32], None));
            Assert.Equal(0, await factors.CountRecoveryCodesAsync(subject, None));
            await Assert.ThrowsAsync<StoreException>(() => factors.SetTotpAsync(subject, Totp.NewSecret(), 1, None));
            await Assert.ThrowsAsync<StoreException>(() => factors.ReplaceRecoveryCodesAsync(subject, [new byte[32]], None));
        }
    }

    [Fact]
    public async Task A_secret_that_does_not_open_is_an_error_and_not_the_lack_of_one()
    {
        await using var node = await TestNode.StartAsync(DatabaseKind.Sqlite);
        var (id, other) = (await node.AddAsync("ada"), await node.AddAsync("eve"));
        await node.Stores.Factors.SetTotpAsync(id, Totp.NewSecret(), 1, None);
        await node.Stores.Factors.SetTotpAsync(other, Totp.NewSecret(), 1, None);

        // As whoever may write to the database would put a secret of their own in the place of another's.
        await node.Database.SqlAsync("UPDATE totp_secrets SET secret = (SELECT secret FROM totp_secrets LIMIT 1)");

        var failed = 0;
        foreach (var subject in new[] { id, other })
        {
            try
            {
                Assert.NotNull(await node.Stores.Factors.FindTotpAsync(subject, None));
            }
            catch (StoreException)
            {
                failed++;
            }
        }

        Assert.Equal(1, failed);
    }
}
