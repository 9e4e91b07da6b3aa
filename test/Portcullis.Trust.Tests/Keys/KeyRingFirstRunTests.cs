using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Keys;

public sealed class KeyRingFirstRunTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void First_run_makes_an_active_key_for_each_purpose()
    {
        using var ring = Rings.Open(directory, clock);

        Assert.Equal(3, ring.Current.Keys.Count);
        Assert.All(ring.Current.Keys, key => Assert.Equal(KeyState.Active, key.State));
        Assert.NotNull(ring.Current.FindSigningKey(KeyPurpose.TokenSigning));
        Assert.Null(ring.Current.FindSigningKey(KeyPurpose.Data));
    }

    [Fact]
    public void Default_signing_key_is_RSA_of_2048_bits()
    {
        using var ring = KeyRing.Open(directory.Keys, [KeyPolicy.ForTokens(KeyAlgorithm.RS256, Rings.TokenLife)], clock);

        var key = ring.Current.FindSigningKey(KeyPurpose.TokenSigning)!;
        Assert.Equal(KeyAlgorithm.RS256, key.Algorithm);
        Assert.Equal(2048, key.PublicKey.Bits);
        Assert.Equal(256, key.SignatureSize);
    }

    [Fact]
    public void Everything_made_belongs_to_the_owner_alone()
    {
        using var ring = Rings.Open(directory, clock);
        ring.Rotate(KeyPurpose.Data);

        Assert.Equal(FilePermissions.PrivateDirectory, TemporaryDirectory.Mode(directory.Keys));
        Assert.All(Directory.GetFiles(directory.Keys), path => Assert.Equal(FilePermissions.PrivateFile, TemporaryDirectory.Mode(path)));
        Assert.Equal(["ring.json", "ring.lock", "wrapping.key"], Directory.GetFiles(directory.Keys).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Opening_again_finds_the_same_keys()
    {
        byte[] sealedValue;
        string[] ids;
        using (var first = Rings.Open(directory, clock))
        {
            ids = [.. first.Current.Keys.Select(key => key.Id)];
            sealedValue = new Sealer(first, KeyPurpose.Data).Seal("value"u8, SealingContext.Of("t"));
        }

        using var second = Rings.Open(directory, clock);
        Assert.Equal(ids, second.Current.Keys.Select(key => key.Id));
        Assert.Equal(UnsealOutcome.Opened, new Sealer(second, KeyPurpose.Data).Open(sealedValue, SealingContext.Of("t"), out var value));
        Assert.Equal("value"u8.ToArray(), value);
    }

    [Fact]
    public async Task Processes_that_start_at_once_agree_on_one_ring()
    {
        // Each open takes the lock file by its own descriptor, as another process would.
        var rings = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Rings.Open(directory, clock))));

        Assert.Single(rings.Select(ring => string.Join(',', ring.Current.Keys.Select(key => key.Id))).Distinct());
        Assert.All(rings, ring => ring.Dispose());
    }

    [Fact]
    public void A_purpose_added_later_gets_its_key()
    {
        using (KeyRing.Open(directory.Keys, [Rings.Tokens], clock))
        {
        }

        using var ring = Rings.Open(directory, clock);
        Assert.Equal(3, ring.Current.Keys.Count);
    }

    [Fact]
    public void Keys_of_purposes_without_policy_are_kept()
    {
        using (Rings.Open(directory, clock))
        {
        }

        using var ring = KeyRing.Open(directory.Keys, [Rings.Tokens], clock);
        Assert.Equal(3, ring.Current.Keys.Count);
        Assert.Throws<ArgumentException>(() => ring.PolicyOf(KeyPurpose.Data));
    }

    [Fact]
    public void No_secret_stands_in_the_ring_file_in_clear()
    {
        using var ring = Rings.Open(directory, clock);
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        var file = File.ReadAllText(directory.Ring);

        foreach (var key in ring.Current.Keys)
        {
            using var material = new KeyFactory(wrapping).Unwrap(key)!;
            Assert.DoesNotContain(Convert.ToBase64String(material.Bytes), file);
            Assert.Equal(-1, File.ReadAllBytes(directory.Ring).AsSpan().IndexOf(material.Bytes));
        }
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(2047)]
    [InlineData(8192)]
    public void Weak_or_absurd_RSA_sizes_are_refused(int bits) =>
        Assert.Throws<InvalidOperationException>(() => KeyRing.Open(directory.Keys, [Rings.Tokens with { RsaBits = bits }], clock));

    [Fact]
    public void Two_policies_for_one_purpose_are_refused() =>
        Assert.Throws<ArgumentException>(() => KeyRing.Open(directory.Keys, [Rings.Tokens, Rings.Tokens], clock));
}
