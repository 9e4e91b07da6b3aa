using System.Globalization;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Tests.Configuration;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

public class VerifiedTokensTests
{
    private static readonly TrustedIssuers Issuers = new("https://issuer.example", "api", []);
    private static readonly Source Keys = new();

    private static readonly int Weight = Entry(0).Weight;

    [Fact]
    public void Tokens_beyond_two_generations_are_forgotten_the_oldest_first()
    {
        var known = new VerifiedTokens(10 * Weight);
        for (var i = 0; i < 100; i++) known.Remember(Digest(i), Entry(1000), now: 0);

        Assert.InRange(known.Count, 10, 20);
        Assert.NotNull(known.Find(Digest(99), Issuers, 0));
        Assert.Null(known.Find(Digest(0), Issuers, 0));
    }

    [Fact]
    public void A_token_in_use_stays()
    {
        var known = new VerifiedTokens(10 * Weight);
        for (var i = 0; i < 100; i++)
        {
            known.Remember(Digest(i), Entry(1000), now: 0);
            Assert.NotNull(known.Find(Digest(0), Issuers, 0));
        }
    }

    [Fact]
    public void Expired_tokens_make_room_before_others_have_to_go()
    {
        var known = new VerifiedTokens(10 * Weight);
        known.Remember(Digest(0), Entry(1000), now: 0);
        for (var i = 1; i < 200; i++)
        {
            known.Remember(Digest(i), Entry(i + 1), now: i);
            Assert.InRange(known.Count, 1, 10);
        }

        Assert.NotNull(known.Find(Digest(0), Issuers, 200));
    }

    [Fact]
    public void A_token_weighs_by_what_it_carries()
    {
        var heavy = new VerifiedTokens.Entry(new Caller("a", "b", Enumerable.Range(0, 500).Select(i => $"resource{i}:read")), 1000, Keys, JsonWebKeySet.Empty, Issuers, default);
        Assert.InRange(heavy.Weight, 75_000, 200_000);
        var known = new VerifiedTokens(10 * (long)Weight);
        known.Remember(Digest(1), heavy, 0);
        known.Remember(Digest(2), heavy, 0);
        known.Remember(Digest(3), heavy, 0);
        Assert.InRange(known.Count, 1, 2);
    }

    // What a token takes is what making its entry allocates, less what was only needed to make it.
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(100)]
    public void What_a_token_is_said_to_weigh_is_about_what_it_takes(int permissions)
    {
        const int many = 2000;
        var known = new VerifiedTokens();
        var words = Enumerable.Range(0, permissions).Select(i => string.Create(CultureInfo.InvariantCulture, $"resource{i}:read")).ToArray();
        var entries = new VerifiedTokens.Entry[many];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < many; i++)
        {
            entries[i] = new(new Caller($"subject {i}", "client", words.Select(word => new string(word.AsSpan()))), 1000, Keys, JsonWebKeySet.Empty, Issuers, default);
            known.Remember(Digest(i), entries[i], 0);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / many;
        Assert.InRange(entries[0].Weight, each / 4, each * 2);
    }

    // Every reload brings other instances of what is equal.
    [Fact]
    public void A_known_token_is_found_after_a_reload_without_allocation()
    {
        var known = new VerifiedTokens();
        known.Remember(Digest(1), new(new Caller("somebody", "app", ["orders:read"]), 1000, Keys, JsonWebKeySet.Empty, Reloaded(), default), 0);
        var (issuers, digest) = (Reloaded(), Digest(1));
        Assert.NotNull(known.Find(digest, issuers, 0));
        Assert.Equal(0, AllocatedBytes.PerOperation(() => known.Find(digest, issuers, 0)));

        Assert.Null(known.Find(digest, Reloaded(", permissions: [orders:write]"), 0));
        Assert.Null(known.Find(digest, Reloaded(", acceptUntyped: true"), 0));
        Assert.Null(known.Find(digest, Reloaded(", jwks: \"https://login.example/keys\""), 0));

        static TrustedIssuers Reloaded(string more = "") => TrustedIssuers.From(Load.Options(Load.Minimal.Replace(
            "issuer: \"https://api.example.com\"",
            "issuer: \"https://api.example.com\", externalIssuers: [{ issuer: \"https://login.example\", audience: api, permissions: [orders:read], network: { allow: [10.0.0.0/8], deny: [10.1.0.0/16, \"fd00::/8\"] }"
                .Replace(", permissions: [orders:read]", more.Contains("permissions", StringComparison.Ordinal) ? string.Empty : ", permissions: [orders:read]", StringComparison.Ordinal) + more + " }]",
            StringComparison.Ordinal)).Identity!);
    }

    private static TokenDigest Digest(int number)
    {
        Assert.True(TokenDigest.TryCompute($"token {number}", out var digest));
        return digest;
    }

    private static VerifiedTokens.Entry Entry(long refusedFrom) => new(new Caller("somebody", "app", ["orders:read"]), refusedFrom, Keys, JsonWebKeySet.Empty, Issuers, default);

    private sealed class Source : IKeySource
    {
        public JsonWebKeySet Keys => JsonWebKeySet.Empty;

        public ValueTask<bool> RefreshAsync(JsonWebKeySet tried, string? unknownKeyId, CancellationToken cancellationToken) => new(false);
    }
}
