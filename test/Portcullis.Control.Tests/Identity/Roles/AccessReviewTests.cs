using Portcullis.Control.Identity.Roles;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Control.Tests.Identity.Roles;

public sealed class AccessReviewTests : IDisposable
{
    private static readonly DateTimeOffset now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly today = new(2030, 6, 1);

    private readonly TemporaryDirectory directory = new();

    private readonly RoleSet roles = RoleSet.Compile(
        new Dictionary<string, RoleOptions>(StringComparer.Ordinal)
        {
            ["reader"] = new() { Permissions = ["orders:read"] },
            ["clerk"] = new() { Includes = ["reader"], Permissions = ["orders:write"] },
            ["auditor"] = new() { Permissions = ["bills:*"] },
        },
        [new() { Permissions = ["orders:write", "orders:approve"] }],
        defect => Assert.False(defect.IsError, defect.Text));

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Who_holds_a_role_that_needs_a_second_factor_and_has_none_is_named()
    {
        var strong = Roles.Strong;
        AccessHolder[] holders =
        [
            Person("ada", ["administrator"]) with { HasSecondFactor = false }, Person("bob", ["administrator"]) with { HasSecondFactor = true }, Person("eve", ["reader"]) with { HasSecondFactor = false },
            Person("max", ["administrator"]) with { HasSecondFactor = false, IsDisabled = true }, Person("shop", ["administrator"]) with { HasSecondFactor = false, IsPerson = false },
        ];
        var review = AccessReview.Of(strong, holders, new([], today.AddDays(-200), []), new(), now);
        var finding = Assert.Single(review.Findings, one => one.Kind == AccessFindingKind.FactorMissing);
        Assert.Equal(("ada", "administrator"), (finding.Subject, finding.About));
        Assert.Contains("needs a second factor", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_used_is_no_finding()
    {
        var review = Review(Person("maria", ["clerk"]), Use("maria", "orders:read", 1), Use("maria", "orders:write", 89));
        Assert.Empty(review.Findings);
        Assert.True(review.IsComplete);
    }

    [Fact]
    public void What_was_not_used_is_found_with_its_way_and_what_to_do()
    {
        var finding = Assert.Single(Review(Person("maria", ["clerk"]), Use("maria", "orders:read", 1), Use("maria", "orders:write", 91), Use("other", "orders:write", 1)).Findings);

        Assert.Equal((AccessFindingKind.Unused, "maria", "orders:write"), (finding.Kind, finding.Subject, finding.About));
        Assert.Equal("did not use orders:write (role clerk)", finding.Text);
        Assert.Equal("grant a role without orders:write instead of clerk", finding.Proposal);
    }

    [Fact]
    public void A_role_of_which_nothing_was_used_is_one_finding()
    {
        var finding = Assert.Single(Review(Person("maria", ["clerk"])).Findings);
        Assert.Equal((AccessFindingKind.UnusedRole, "clerk", "take role clerk back"), (finding.Kind, finding.About, finding.Proposal));
    }

    [Fact]
    public void A_star_is_narrowed_to_what_was_used()
    {
        var finding = Assert.Single(Review(Person("maria", ["auditor"]), Use("maria", "bills:read", 3), Use("maria", "bills:list", 3)).Findings);
        Assert.Equal((AccessFindingKind.TooWide, "grant bills:list, bills:read instead of bills:*"), (finding.Kind, finding.Proposal));
    }

    [Theory]
    [InlineData(30, 0)]
    [InlineData(200, 10)]
    public void Where_not_every_use_is_known_nothing_is_proposed_for_want_of_use(int recordedFor, int gapBefore)
    {
        var evidence = new PermissionEvidence([], today.AddDays(-recordedFor), gapBefore == 0 ? [] : [today.AddDays(-gapBefore)]);
        var review = AccessReview.Of(roles, [Person("maria", ["clerk"])], evidence, new(), now);

        Assert.False(review.IsComplete);
        var finding = Assert.Single(review.Findings);
        Assert.Null(finding.Proposal);
        Assert.EndsWith("as far as recorded", finding.Text);
    }

    [Fact]
    public void A_gap_of_before_the_period_does_not_count() => Assert.True(new PermissionEvidence([], today.AddDays(-200), [today.AddDays(-91)]).Covers(today.AddDays(-90)));

    [Fact]
    public void An_account_that_is_younger_than_the_period_had_no_time_to_use_anything() => Assert.Empty(Review(Person("maria", ["clerk"]) with { Created = now.AddDays(-89) }).Findings);

    [Fact]
    public void Accounts_are_looked_at_as_well()
    {
        AccessHolder[] holders =
        [
            Person("a", []) with { HasSecondFactor = false },
            Person("b", []) with { LastSeen = now.AddDays(-90) },
            Person("c", []) with { LastSeen = null },
            Person("d", []) with { LastSeen = null, IsDisabled = true, HasSecondFactor = false },
            Person("e", []) with { IsPerson = false, HasSecondFactor = false },
            Person("f", ["gone"]),
            Person("g", ["clerk"]) with { Permissions = ["orders:approve"] },
        ];
        var uses = new[] { Use("g", "orders:read", 1), Use("g", "orders:write", 1), Use("g", "orders:approve", 1) };
        var findings = AccessReview.Of(roles, holders, new(uses, today.AddDays(-200), []), new(), now).Findings;

        Assert.Equal(
            [("a", AccessFindingKind.NoSecondFactor), ("b", AccessFindingKind.Dormant), ("c", AccessFindingKind.Dormant), ("f", AccessFindingKind.UnknownRole), ("g", AccessFindingKind.Separation)],
            findings.Select(finding => (finding.Subject, finding.Kind)));
    }

    [Fact]
    public void Holders_of_sensitive_permissions_are_named_also_where_a_star_gives_them()
    {
        Assert.True(PermissionPattern.TryParse("bills:delete", out var sensitive));
        var review = AccessReview.Of(roles, [Person("maria", ["auditor"]), Person("other", ["reader"])], new([Use("maria", "bills:read", 1), Use("other", "orders:read", 1)], today.AddDays(-200), []), new() { Sensitive = [sensitive] }, now);
        Assert.Equal("maria", Assert.Single(review.Findings, finding => finding.Kind == AccessFindingKind.Sensitive).Subject);
    }

    [Fact]
    public void A_review_of_very_many_says_how_much_it_leaves_out()
    {
        var review = AccessReview.Of(roles, Enumerable.Range(0, 12_000).Select(i => Person("p" + i, []) with { HasSecondFactor = false }), new([], today, []), new(), now);
        Assert.Equal((AccessReview.MostFindings, 2000, 12_000), (review.Findings.Count, review.Omitted, review.Holders));
    }

    [Fact]
    public void A_signed_review_is_verified_and_every_change_of_it_refused()
    {
        using var ring = Ring("keys");
        var signed = new SignedReview("auditor-1", now.AddDays(90), Review(Person("maria", ["clerk"])));
        var record = signed.Sign(ring, KeyPurpose.TokenSigning)!;
        var keys = ring.Current.PublicKeys(KeyPurpose.TokenSigning);

        Assert.True(SignedReview.TryVerify(record, keys, out var read));
        Assert.Equal((signed.Reviewer, signed.Due, signed.Review.Findings[0]), (read.Reviewer, read.Due, read.Review.Findings[0]));
        for (var i = 0; i < record.Length; i++)
            Assert.False(SignedReview.TryVerify(record[..i] + (record[i] == 'A' ? 'B' : 'A') + record[(i + 1)..], keys, out _), $"at {i}");
        foreach (var other in new[] { "", ".", "..", "...", record + ".", record[..^1], record + "A", record.Replace('.', ' '), "é" + record })
            Assert.False(SignedReview.TryVerify(other, keys, out _));

        using var another = Ring("other");
        Assert.False(SignedReview.TryVerify(record, another.Current.PublicKeys(KeyPurpose.TokenSigning), out _));
    }

    [Fact]
    public void A_signed_review_is_no_token_and_a_token_no_review()
    {
        using var ring = Ring("keys");
        var keys = ring.Current.PublicKeys(KeyPurpose.TokenSigning);
        var record = new SignedReview("auditor-1", now.AddDays(90), Review(Person("maria", ["clerk"]))).Sign(ring, KeyPurpose.TokenSigning)!;
        var verifier = new TokenVerifier(new TokenRules { Issuer = "https://a.example", Audiences = ["a"], Types = TokenTypes.AccessToken | TokenTypes.Jwt | TokenTypes.Untyped }, TimeProvider.System);
        Assert.Equal(TokenFailure.WrongType, verifier.Verify(record, keys).Failure);

        var token = CompactSigner.Sign(ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!, "at+jwt", "{}"u8)!;
        Assert.False(SignedReview.TryVerify(token, keys, out _));
    }

    private KeyRing Ring(string name) => KeyRing.Open(directory.At(name), [KeyPolicy.ForTokens(KeyAlgorithm.ES256, TimeSpan.FromHours(1))], new ManualTimeProvider());

    private AccessReview Review(AccessHolder holder, params PermissionUse[] uses) => AccessReview.Of(roles, [holder], new(uses, today.AddDays(-200), []), new(), now);

    private static PermissionUse Use(string caller, string permission, int daysAgo) => new(caller, permission, today.AddDays(-daysAgo));

    private static AccessHolder Person(string subject, string[] held) => new()
    {
        Subject = subject,
        IsPerson = true,
        HasSecondFactor = true,
        Roles = held,
        Created = now.AddDays(-400),
        LastSeen = now.AddDays(-1),
    };
}
