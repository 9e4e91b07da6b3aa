using System.Security.Cryptography;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Trust.Tokens;

namespace Portcullis.Control.Tests.Identity.Grants;

/// <summary>The end of all that a client has, and who may have tokens at all.</summary>
public sealed class ClientEndTests
{
    private const string Ada = "0198f0a1c2d37e4f8a9b0c1d2e3f4a5b";

    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task All_grants_of_a_client_end_by_one_revocation_and_no_others(DatabaseKind kind)
    {
        const int many = 501;
        await using var database = await TestDatabase.CreateAsync(kind);
        var store = await database.OpenAsync();
        await TestPeople.AddAsync(store, Ada);
        var grants = new GrantStore(store, TimeProvider.System);
        var (mine, other) = (Code("app"), Code("other"));
        await grants.AddCodeAsync(other, None);
        await grants.AddCodeAsync(mine, None);
        await store.UseAsync(context =>
        {
            for (var i = 1; i < many; i++) context.Grants.Add(GrantRows.ToRows(Code("app"), TimeProvider.System.GetUtcNow()).Grant);
            return context.SaveChangesAsync();
        });

        Assert.Equal(many, await grants.EndClientAsync("app", None));
        Assert.Equal(0, await grants.EndClientAsync("app", None));

        Assert.NotEqual(CodeRedemptionOutcome.Redeemed, (await grants.RedeemCodeAsync(mine.Hash, Now, None)).Outcome);
        Assert.Equal(CodeRedemptionOutcome.Redeemed, (await grants.RedeemCodeAsync(other.Hash, Now, None)).Outcome);
        Assert.All((await grants.ReadAsync(0, None)).Revocations, revocation => Assert.Equal((RevocationKind.Client, "app"), (revocation.Kind, revocation.Id)));
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_grant_of_nobody_is_refused(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var grants = new GrantStore(await database.OpenAsync(), TimeProvider.System);

        await Assert.ThrowsAsync<Portcullis.Control.Storage.StoreException>(async () => await grants.AddCodeAsync(Code("app"), None));
        await Assert.ThrowsAsync<ArgumentException>(async () => await grants.AddCodeAsync(Code("app") with { Grant = Code("app").Grant with { Subject = "service" } }, None));
        Assert.Equal(0, await grants.EndGrantsOfSubjectAsync("service", Now, None));
        Assert.False(await grants.HasSubjectAsync(Ada, None));
        Assert.False(await grants.HasSubjectAsync("service", None));
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static AuthorizationCode Code(string client) => new()
    {
        Hash = RandomNumberGenerator.GetBytes(32),
        Grant = new Grant
        {
            Id = Guid.NewGuid().ToString("N"),
            ClientId = client,
            Subject = Ada,
            Scope = ["openid"],
            Authentication = new AuthenticationEvent(Now, ["pwd"]),
            ExpiresAt = Now.AddDays(30),
        },
        RedirectUri = "https://app.example/cb",
        Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ExpiresAt = Now.AddSeconds(60),
    };
}
