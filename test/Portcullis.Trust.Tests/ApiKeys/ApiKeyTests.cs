using System.Text;
using Portcullis.Trust.ApiKeys;

namespace Portcullis.Trust.Tests.ApiKeys;

public sealed class ApiKeyTests
{
    private readonly ManualTimeProvider clock = new();

    [Fact]
    public void A_key_is_found_by_its_hash_and_shown_nowhere()
    {
        var (key, text) = Issue();

        Assert.Matches("^pk_[0-9a-hjkmnp-tv-z]{59}$", text.Reveal());
        Assert.Equal(key.Hash.ToArray(), Hash(text.Reveal()));
        Assert.DoesNotContain(text.Reveal()[3..], $"{key} {text}", StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_random() => Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => ApiKeyText.Generate().Reveal()).Distinct().Count());

    // 32 octets of zero: text, checksum and hash are frozen.
    [Fact]
    public void The_form_is_frozen()
    {
        var text = "pk_" + new string('0', 52) + "9z8xp4z";
        Assert.Equal("6abf997cbaeee2681b4af9d8371fbac20362e659277747e67c815d741abc6469", Convert.ToHexStringLower(Hash(text)!));
    }

    [Fact]
    public void Every_change_of_one_octet_is_refused()
    {
        var text = ApiKeyText.Generate().RevealBytes().ToArray();
        for (var i = 0; i < text.Length; i++)
        {
            for (var value = 0; value < 256; value++)
            {
                var other = text.ToArray();
                other[i] = (byte)value;
                Assert.Equal(value == text[i], ApiKeyText.TryHash(other, new byte[32]));
            }
        }
    }

    [Fact]
    public void There_is_one_spelling()
    {
        var text = ApiKeyText.Generate().Reveal();
        foreach (var other in new[] { text.ToUpperInvariant(), " " + text, text + " ", text + "\n", text[..^1], text + "0", "pk_" + text, text[3..], "sk_" + text[3..], "pk-" + text[3..] })
            Assert.Null(Hash(other));
    }

    [Fact]
    public void Random_bytes_are_never_a_key()
    {
        var random = new Random(11);
        var hash = new byte[32];
        for (var i = 0; i < 200_000; i++)
        {
            var bytes = new byte[random.Next(2) == 0 ? ApiKeyText.Length : random.Next(130)];
            random.NextBytes(bytes);
            if (bytes.Length > 3 && random.Next(2) == 0)
                "pk_"u8.CopyTo(bytes);
            Assert.False(ApiKeyText.TryHash(bytes, hash));
        }
    }

    [Fact]
    public void Reading_a_key_allocates_nothing()
    {
        var text = ApiKeyText.Generate().RevealBytes().ToArray();
        var hash = new byte[32];
        Assert.Equal(0, AllocatedBytes.PerOperation(() => ApiKeyText.TryHash(text, hash)));
    }

    [Fact]
    public void A_key_counts_until_it_ends_or_is_taken_back()
    {
        var (key, _) = Issue();

        Assert.Equal(ApiKeyState.Active, key.StateAt(clock.GetUtcNow()));
        Assert.Equal(ApiKeyState.Active, key.StateAt(key.Expires.AddTicks(-1)));
        Assert.Equal(ApiKeyState.Expired, key.StateAt(key.Expires));
        Assert.Equal(ApiKeyState.Revoked, (key with { IsRevoked = true }).StateAt(clock.GetUtcNow()));
        Assert.Equal(ApiKeyState.Revoked, default);
    }

    [Fact]
    public void A_key_has_an_end_and_a_purpose()
    {
        Assert.Throws<ArgumentException>(() => ApiKey.Issue("billing", "x", [], TimeSpan.FromDays(1), clock));
        Assert.Throws<ArgumentException>(() => ApiKey.Issue("billing", "x", ["orders:read"], TimeSpan.FromDays(367), clock));
        Assert.Throws<ArgumentException>(() => ApiKey.Issue("billing", "x", ["orders:read"], TimeSpan.Zero, clock));
        Assert.Throws<ArgumentException>(() => ApiKey.Issue("", "x", ["orders:read"], TimeSpan.FromDays(1), clock));
    }

    private (ApiKey Key, Portcullis.Trust.Keys.Secret Text) Issue() => ApiKey.Issue("billing", "nightly export", ["orders:read"], TimeSpan.FromDays(90), clock);

    private static byte[]? Hash(string text)
    {
        var hash = new byte[32];
        return ApiKeyText.TryHash(Encoding.UTF8.GetBytes(text), hash) ? hash : null;
    }
}
