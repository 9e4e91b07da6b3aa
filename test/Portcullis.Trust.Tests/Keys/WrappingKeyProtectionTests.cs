using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Keys;

/// <summary>The wrapping key under a key or passphrase that lies elsewhere.</summary>
public sealed class WrappingKeyProtectionTests : IDisposable
{
    // Frozen: what lies on disk today opens in every later version.
    private const string ProtectingKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private const string Passphrase = "correct horse battery staple";
    private static readonly byte[] secret = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];
    private static readonly SealingContext here = SealingContext.Of("t");

    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void The_file_of_a_protected_key_does_not_hold_it()
    {
        using var protection = Key(ProtectingKey);
        using (Open(protection))
        {
        }

        var file = File.ReadAllText(directory.Wrapping);
        Assert.StartsWith("portcullis-wrapping-key 2 ", file, StringComparison.Ordinal);
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping, protection);
        Assert.Contains($" {wrapping.Id} secret-key ", file);
        Assert.False(KeyRing.IsWrappingKeyUnprotected(directory.Keys));
    }

    [Fact]
    public void It_opens_with_its_key_alone()
    {
        byte[] value;
        using (var protection = Key(ProtectingKey))
        using (var ring = Open(protection))
            value = new Sealer(ring, KeyPurpose.Data).Seal("value"u8, here);

        using (var same = Key(ProtectingKey))
        using (var ring = Open(same))
            Assert.Equal(UnsealOutcome.Opened, new Sealer(ring, KeyPurpose.Data).Open(value, here, out _));

        using var other = Key(Convert.ToBase64String(Secret.FromText("another key of thirty-two bytes!").RevealBytes()));
        Assert.Contains("does not open with the key", Assert.Throws<KeyRingException>(() => Open(other)).Message);
    }

    [Fact]
    public void A_passphrase_opens_what_it_protects_and_no_other_does()
    {
        using (Open(new PassphraseEncryptionKey(Secret.FromText(Passphrase))))
        {
        }

        Assert.Contains(" pbkdf2-sha512 1000000.", File.ReadAllText(directory.Wrapping));
        Open(new PassphraseEncryptionKey(Secret.FromText(Passphrase))).Dispose();
        var refusal = Assert.Throws<KeyRingException>(() => Open(new PassphraseEncryptionKey(Secret.FromText(Passphrase + "s"))));
        Assert.Contains("does not open with the passphrase", refusal.Message);
        Assert.DoesNotContain(Passphrase, refusal.Message + refusal.Hint);
    }

    [Fact]
    public void Short_passphrases_are_refused() =>
        Assert.Contains("fewer than 12", Assert.Throws<KeyRingException>(() => new PassphraseEncryptionKey(Secret.FromText("elevenchars"))).Message);

    [Fact]
    public void What_version_1_of_the_protections_wrapped_opens()
    {
        // Made by another implementation (Python's cryptography and hashlib), see the constants above.
        const string ByKey = "b6d8e5564b65e319.AbbY5VZLZeMZ8PHy8_T19vf4-fr7-YAW5aXxeFndphRC_WRkFavWls_wrfsQoW9XUSgFhZ3ng4Pv5lpZt8sj1VHEHjTy";
        const string ByPassphrase = "210000.ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8.ASgby1D2mr9K8PHy8_T19vf4-fr7tJdAgZmDn66y_8anj5ISzFKw6fW7vBTpTmaoQPByvN_Mau9ZZ8IULjUcrDYnEYVG";
        var opened = new byte[32];
        using var protection = Key(ProtectingKey);
        Assert.True(protection.TryUnwrap(ByKey, "0123456789abcdef", opened));
        Assert.Equal(secret, opened);
        opened.AsSpan().Clear();
        Assert.True(new PassphraseEncryptionKey(Secret.FromText(Passphrase)).TryUnwrap(ByPassphrase, "0123456789abcdef", opened));
        Assert.Equal(secret, opened);
    }

    [Fact]
    public void Every_changed_character_of_a_wrapped_key_is_refused()
    {
        using var key = Key(ProtectingKey);
        RefusesEveryChange(key, key.Wrap(secret, "id"));
    }

    [Fact]
    public void Cost_and_salt_of_a_passphrase_can_not_be_changed()
    {
        var protection = new PassphraseEncryptionKey(Secret.FromText(Passphrase));
        var wrapped = protection.Wrap(secret, "id", new byte[32], 210_000);
        var parts = wrapped.Split('.');
        Assert.True(protection.TryUnwrap(wrapped, "id", new byte[32]));
        Assert.False(protection.TryUnwrap(wrapped, "other", new byte[32]));
        foreach (var iterations in new[] { "1", "1000", "209999", "20000001", "210001", "+210000", "0210000", "-1", "", " 210000", "99999999999999999999" })
            Assert.False(protection.TryUnwrap($"{iterations}.{parts[1]}.{parts[2]}", "id", new byte[32]), iterations);
        Assert.False(protection.TryUnwrap($"{parts[0]}.B{parts[1][1..]}.{parts[2]}", "id", new byte[32]));
        Assert.False(protection.TryUnwrap($"{parts[0]}.{parts[1][1..]}.{parts[2]}", "id", new byte[32]));
        Assert.False(protection.TryUnwrap($"{parts[0]}..{parts[2]}", "id", new byte[32]));
        Assert.False(protection.TryUnwrap($"{parts[0]}.{parts[1]}", "id", new byte[32]));
        Assert.False(protection.TryUnwrap(wrapped + ".", "id", new byte[32]));
    }

    [Fact]
    public void Neither_less_protection_than_configured_nor_more_is_taken_without_a_word()
    {
        using var protection = Key(ProtectingKey);
        using (Open(null))
        {
        }

        var weak = Assert.Throws<KeyRingException>(() => Open(protection));
        Assert.Contains("is not protected", weak.Message);
        Assert.Contains("key rotate wrapping", weak.Hint);

        using (var ring = Open(null))
            ring.ReplaceWrappingKey(protection);
        Assert.Contains("names nothing that opens it", Assert.Throws<KeyRingException>(() => Open(null)).Message);
        Assert.Contains("another source", Assert.Throws<KeyRingException>(() => Open(new PassphraseEncryptionKey(Secret.FromText(Passphrase)))).Message);
        Open(protection).Dispose();
    }

    [Fact]
    public void Protection_is_changed_together_with_the_wrapping_key()
    {
        using var first = Key(ProtectingKey);
        using var second = Key(Convert.ToBase64String(secret));
        byte[] value;
        using (var ring = Open(first))
        {
            value = new Sealer(ring, KeyPurpose.Data).Seal("value"u8, here);
            ring.ReplaceWrappingKey(second);
            Assert.NotNull(ring.Rotate(KeyPurpose.Cookie));
        }

        Assert.Throws<KeyRingException>(() => Open(first));
        using var again = Open(second);
        Assert.Equal(UnsealOutcome.Opened, new Sealer(again, KeyPurpose.Data).Open(value, here, out _));
    }

    [Fact]
    public void A_running_process_with_another_protection_goes_on_and_tells()
    {
        using var protection = Key(ProtectingKey);
        using var node = Open(null);
        using (var command = Open(null))
            command.ReplaceWrappingKey(protection);

        Assert.Contains("protected", node.Reload().Refusal!.Message);
        var sealer = new Sealer(node, KeyPurpose.Data);
        Assert.NotEmpty(node.Current.Keys);
        Assert.Throws<KeyRingException>(() => node.Rotate(KeyPurpose.Data));
        Assert.NotNull(sealer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=")]
    [InlineData(" AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gIQ==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("correct horse battery staple correct horse b")]
    public void What_is_no_key_of_32_bytes_is_refused_and_not_quoted(string text)
    {
        var refusal = Assert.Throws<KeyRingException>(() => SecretEncryptionKey.FromFile(WritePrivate("key", text)));
        Assert.Contains("openssl rand -base64 32", refusal.Hint);
        if (text.Length > 0)
            Assert.DoesNotContain(text.Trim(), refusal.Message + refusal.Hint);
    }

    [Fact]
    public void A_key_file_open_to_others_or_missing_is_refused()
    {
        var path = WritePrivate("key", ProtectingKey + "\n");
        SecretEncryptionKey.FromFile(path).Dispose();
        TemporaryDirectory.SetMode(path, FilePermissions.PrivateFile | UnixFileMode.GroupRead);
        Assert.Contains("open to others", Assert.Throws<KeyRingException>(() => SecretEncryptionKey.FromFile(path)).Message);
        Assert.Contains("can't be read", Assert.Throws<KeyRingException>(() => SecretEncryptionKey.FromFile(directory.At("none"))).Message);
    }

    [Fact]
    public void A_credential_is_a_name_in_its_directory_and_never_a_path()
    {
        WritePrivate("wrapping", ProtectingKey);
        SecretEncryptionKey.FromCredential("wrapping", directory.Path).Dispose();
        Assert.Throws<KeyRingException>(() => SecretEncryptionKey.FromCredential("wrapping", null));
        Assert.Throws<KeyRingException>(() => SecretEncryptionKey.FromCredential("none", directory.Path));
        var up = Path.GetFileName(directory.Path);
        foreach (var name in new[] { $"../{up}/wrapping", "..", ".", "", "./wrapping", directory.At("wrapping") })
            Assert.Contains("no name of a credential", Assert.Throws<KeyRingException>(() => SecretEncryptionKey.FromCredential(name, directory.Path)).Message);
    }

    [Fact]
    public void An_environment_variable_is_taken_or_its_absence_told()
    {
        SecretEncryptionKey.FromEnvironment("NAME", ProtectingKey).Dispose();
        Assert.Contains("not set", Assert.Throws<KeyRingException>(() => SecretEncryptionKey.FromEnvironment("NAME", null)).Message);
        Assert.Contains("NAME", Assert.Throws<KeyRingException>(() => SecretEncryptionKey.FromEnvironment("NAME", new string('A', 5000))).Message);
    }

    private static SecretEncryptionKey Key(string text) => SecretEncryptionKey.Parse("key", Encoding.ASCII.GetBytes(text), "key");

    private static void RefusesEveryChange(IKeyEncryptionKey key, string wrapped)
    {
        Assert.True(key.TryUnwrap(wrapped, "id", new byte[32]));
        Assert.False(key.TryUnwrap(wrapped, "other", new byte[32]));
        for (var i = 0; i < wrapped.Length; i++)
        {
            foreach (var character in "Ab0.-=\u00e9 ".Where(character => character != wrapped[i]))
                Assert.False(key.TryUnwrap(wrapped[..i] + character + wrapped[(i + 1)..], "id", new byte[32]));
            Assert.False(key.TryUnwrap(wrapped[..i], "id", new byte[32]));
        }
    }

    private KeyRing Open(IKeyEncryptionKey? protection) => KeyRing.Open(directory.Keys, Rings.Policies, clock, protection);

    private string WritePrivate(string name, string text)
    {
        var path = directory.Write(name, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, FilePermissions.PrivateFile);
        return path;
    }
}
