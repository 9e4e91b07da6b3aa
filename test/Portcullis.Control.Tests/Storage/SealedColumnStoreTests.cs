using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;
using Portcullis.Control.Storage.Sqlite;
using Portcullis.Control.Tests.Identity.People;
using Portcullis.Trust.Keys;
using Portcullis.Trust.OneTimeCodes;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Tests.Storage;

/// <summary>Sealing the database anew after a rotation.</summary>
public sealed class SealedColumnStoreTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public void Every_sealed_column_is_walked_but_for_what_is_not_sealed_under_the_ring()
    {
        using var context = new SqliteStoreContextFactory().CreateDbContext([]);
        var declared = context.Model.GetEntityTypes()
            .SelectMany(entity => entity.ClrType.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Where(field => field.FieldType == typeof(SealedColumn))
            .Select(field => (SealedColumn)field.GetValue(null)!);

        Assert.Equal(
            declared.Where(column => column.Table != "refresh_tokens").Select(column => $"{column.Table}.{column.Column}").Order(),
            SealedColumns.All.Select(column => $"{column.Table}.{column.Column}").Order());
    }

    [Theory]
    [OnBothDatabases]
    public async Task After_a_rotation_and_a_walk_the_old_key_can_go_and_everything_opens(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var secret = Totp.NewSecret();
        var ids = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            ids.Add(await node.AddAsync($"person{i}", person => person with { DisplayName = $"Person {i}", PasswordHash = $"hash {i}" }));
            await node.Stores.Factors.SetTotpAsync(ids[i], secret, 1, None);
        }

        var label = Guid.NewGuid();
        await node.Store.UseAsync(context =>
        {
            context.ApiKeys.Add(NewApiKey(label, node.Stores.Sealer));
            return context.SaveChangesAsync();
        });
        var old = node.Ring.Current.Keys.Single(key => key.State == KeyState.Active).Id;
        node.Ring.Rotate(KeyPurpose.Data, immediately: true);

        var resealer = new Resealer(node.Stores.Sealer, TimeProvider.System) { BatchSize = 3, Pause = TimeSpan.Zero };
        var reports = new Dictionary<string, ResealReport>(StringComparer.Ordinal);
        foreach (var column in node.Stores.SealedColumns()) reports[column.Name] = await resealer.RunAsync(column, cancellationToken: None).WithPatience();

        Assert.All(reports.Values, report => Assert.True(report is { IsClean: true, Overtaken: 0, Lost: 0, Damaged: 0 }, report.ToString()));
        Assert.Equal((7L, 1L, 7L, 7L, 1L), (reports["subject_keys.key"].Resealed, reports["stored_secrets.value"].Resealed, reports["totp_secrets.secret"].Resealed, reports["people.password_hash"].Resealed, reports["api_keys.label"].Resealed));
        foreach (var column in node.Stores.SealedColumns()) Assert.Equal(0, (await resealer.RunAsync(column, cancellationToken: None).WithPatience()).Resealed);

        Assert.Equal(DestroyOutcome.Destroyed, node.Ring.Destroy(old));
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        using var later = new PeopleStores(node.Store, node.Ring, node.Clock);
        for (var i = 0; i < 7; i++)
        {
            var person = await later.People.FindByIdAsync(ids[i], None);
            Assert.Equal(($"person{i}", $"Person {i}", $"hash {i}"), (person!.Name, person.DisplayName, person.PasswordHash));
            Assert.Equal(ids[i], (await later.People.FindByNameAsync($"person{i}", None))!.Id);
            Assert.Equal(secret, (await later.Factors.FindTotpAsync(ids[i], None))!.Secret);
        }

        var key = await node.Store.UseAsync(context => context.ApiKeys.SingleAsync());
        Assert.Equal(UnsealOutcome.Opened, ApiKey.Labels.OpenText(node.Stores.Sealer, label, key.Label!, out var opened));
        Assert.Equal("nightly export", opened);
    }

    [Theory]
    [OnBothDatabases]
    public async Task Who_writes_meanwhile_wins_and_an_erased_person_stays_erased(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var (ada, eve) = (await node.AddAsync("ada"), await node.AddAsync("eve"));
        await node.Stores.Factors.SetTotpAsync(ada, Totp.NewSecret(), 1, None);
        node.Ring.Rotate(KeyPurpose.Data, immediately: true);
        var stores = node.Stores.SealedColumns().ToDictionary(store => store.Name, StringComparer.Ordinal);
        var prefix = node.Stores.Sealer.CurrentPrefix();
        var totp = Assert.Single(await stores["totp_secrets.secret"].ReadStaleAsync(prefix, null, 10, None));
        var keys = await stores["subject_keys.key"].ReadStaleAsync(prefix, null, 10, None);
        Assert.Equal(2, keys.Count);
        Assert.Empty(await stores["subject_keys.key"].ReadStaleAsync(prefix, keys[1].Position, 10, None));

        var newer = Totp.NewSecret();
        await node.Other.Factors.SetTotpAsync(ada, newer, 2, None);
        await node.Other.Personal.DestroyAsync(eve);

        Assert.False(await stores["totp_secrets.secret"].TryReplaceAsync(totp, new byte[64], None));
        Assert.Equal(1, await CountAsync());
        Assert.Equal(newer, (await node.Stores.Factors.FindTotpAsync(ada, None))!.Secret);
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(string.Empty, (await node.Stores.People.FindByIdAsync(eve, None))!.Name);

        async Task<int> CountAsync()
        {
            var replaced = 0;
            foreach (var key in keys)
            {
                node.Stores.Sealer.Open(key.Envelope.Span, key.Context, out var plain);
                if (await stores["subject_keys.key"].TryReplaceAsync(key, node.Stores.Sealer.Seal(plain, key.Context), None)) replaced++;
            }

            return replaced;
        }
    }

    private static ApiKey NewApiKey(Guid id, Sealer sealer) => new()
    {
        Id = id,
        Prefix = "pk_12345",
        Hash = new byte[32],
        HolderKind = "client",
        HolderId = "nightly",
        Scope = "a:b",
        Label = ApiKey.Labels.Seal(sealer, id, "nightly export"),
    };
}
