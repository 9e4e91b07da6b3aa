using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Tests.Identity.People;
using Portcullis.Control.Tests.Storage;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Tests.Identity.Roles;

public sealed class AccessReviewsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [OnBothDatabases]
    public async Task A_review_names_people_without_a_second_factor_dormant_accounts_and_clients_with_what_they_never_used(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        var safe = await node.AddAsync("safe");
        var risky = await node.AddAsync("risky");
        var gone = await node.AddAsync("gone");
        await node.Stores.Factors.SetTotpAsync(safe, Secret.Generate(), 1, None);
        await node.Stores.Factors.SetTotpAsync(gone, Secret.Generate(), 1, None);
        await node.Stores.People.SetDisabledAsync(gone, true, None);
        await RoleGrantsTests.AddClientAsync(node, "shop", "stock:count", "stock:move");
        using var grants = new RoleGrants(node.Store, node.Clock);
        Assert.Null(await grants.GrantAsync(new(risky, "clerk", "root"), Roles.Orders));
        Assert.Null(await grants.GrantAsync(new(gone, "auditor", "root"), Roles.Orders));
        var uses = new PermissionUseStore(node.Store, node.Clock);
        await uses.RecordAsync([new("shop", "stock:count", new DateOnly(2030, 1, 1))], None);
        node.Clock.Advance(TimeSpan.FromDays(120));
        await uses.RecordAsync([new("shop", "stock:count", new DateOnly(2030, 5, 1)), new(safe, "orders:read", new DateOnly(2030, 5, 1))], None);

        var holders = await new AccessHolders(node.Store, node.Stores.People, grants, uses).ReadAsync();
        var now = node.Clock.GetUtcNow();
        var review = AccessReview.Of(Roles.Orders, holders, await uses.ReadAsync(DateOnly.FromDateTime(now.UtcDateTime.AddDays(-90))), new(), now);

        Assert.Equal(4, review.Holders);
        Assert.True(review.IsComplete);
        Assert.Equal([(AccessFindingKind.UnusedRole, "auditor")], Of(gone));
        Assert.Equal([(AccessFindingKind.UnusedRole, "clerk"), (AccessFindingKind.NoSecondFactor, ""), (AccessFindingKind.Dormant, "")], Of(risky));
        Assert.Empty(Of(safe));
        Assert.Equal([(AccessFindingKind.Unused, "stock:move")], Of("shop"));

        IReadOnlyList<(AccessFindingKind, string)> Of(string subject) => [.. review.Findings.Where(finding => finding.Subject == subject).Select(finding => (finding.Kind, finding.About))];
    }

    [Theory]
    [OnBothDatabases]
    public async Task A_signed_review_comes_back_as_it_was_and_its_findings_lie_sealed(DatabaseKind kind)
    {
        await using var node = await TestNode.StartAsync(kind);
        using var keys = KeyRing.Open(node.Database.Data.Keys + "-signing", [KeyPolicy.ForAudit()], node.Clock);
        var reviews = new AccessReviews(node.Store, node.Stores.Sealer);
        var found = AccessReview.Of(Roles.Orders, [Holder("a-secret-subject")], new([], new(2029, 1, 1), []), new(), node.Clock.GetUtcNow());
        var review = new SignedReview("root", node.Clock.GetUtcNow().AddDays(90), found);
        var signed = review.Sign(keys, KeyPurpose.Audit)!;

        var id = (await reviews.AddAsync(review, signed))!;

        Assert.Equal(signed, await reviews.FindAsync(id));
        Assert.True(SignedReview.TryVerify((await reviews.FindAsync(id))!, keys.Current.PublicKeys(KeyPurpose.Audit), out var again));
        Assert.Equal("a-secret-subject", Assert.Single(again.Review.Findings).Subject);
        Assert.Equal([new ReviewRecord(id, "root", node.Clock.GetUtcNow(), node.Clock.GetUtcNow().AddDays(90))], await reviews.ListAsync());
        Assert.Null(await reviews.FindAsync(Guid.NewGuid().ToString("N")));
        Assert.Null(await reviews.FindAsync("nonsense"));
        Assert.Equal(0L, Convert.ToInt64(await node.Database.SqlAsync("SELECT count(*) FROM access_reviews WHERE signature LIKE '%secret%'"), System.Globalization.CultureInfo.InvariantCulture));
        var stored = (byte[])(await node.Database.SqlAsync("SELECT findings FROM access_reviews"))!;
        Assert.Equal(-1, stored.AsSpan().IndexOf("a-secret-subject"u8));

        // Moved to another row it does not open.
        await node.Database.SqlAsync($"UPDATE access_reviews SET id = {(kind == DatabaseKind.Sqlite ? "'00000000-0000-0000-0000-000000000001'" : "'00000000-0000-0000-0000-000000000001'::uuid")}");
        Assert.Null(await reviews.FindAsync("00000000000000000000000000000001"));
    }

    private static AccessHolder Holder(string subject) => new() { Subject = subject, IsPerson = true, Created = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) };
}
