using System.Text;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tests.Keys;

public sealed class KeyRingDamageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _clock = new();

    public KeyRingDamageTests()
    {
        using var ring = Rings.Open(_directory, _clock);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Every_changed_byte_of_the_ring_is_refused_and_nothing_overwritten()
    {
        var original = File.ReadAllBytes(_directory.Ring);
        using var wrapping = WrappingKeyFile.Read(_directory.Wrapping);
        for (var i = 0; i < original.Length; i++)
        {
            var damaged = (byte[])original.Clone();
            damaged[i] ^= 0x01;
            Assert.Throws<KeyRingException>(() => KeyRingFormat.Read(_directory.Ring, damaged, wrapping));
        }

        original[^10] ^= 0x20;
        File.WriteAllBytes(_directory.Ring, original);
        RefusesNaming(_directory.Ring, "damaged");
        Assert.Equal(original, File.ReadAllBytes(_directory.Ring));
    }

    [Fact]
    public void Every_truncation_of_the_ring_is_refused()
    {
        var original = File.ReadAllBytes(_directory.Ring);
        using var wrapping = WrappingKeyFile.Read(_directory.Wrapping);
        for (var length = 0; length < original.Length; length++)
            Assert.Throws<KeyRingException>(() => KeyRingFormat.Read(_directory.Ring, original.AsSpan(0, length), wrapping));
    }

    [Fact]
    public void Every_changed_byte_and_truncation_of_the_wrapping_key_is_refused()
    {
        var original = File.ReadAllBytes(_directory.Wrapping);
        for (var i = 0; i < original.Length; i++)
        {
            var damaged = (byte[])original.Clone();
            damaged[i] ^= 0x01;
            File.WriteAllBytes(_directory.Wrapping, damaged);
            Assert.Throws<KeyRingException>(() => WrappingKeyFile.Read(_directory.Wrapping).Dispose());
            File.WriteAllBytes(_directory.Wrapping, original[..i]);
            Assert.Throws<KeyRingException>(() => WrappingKeyFile.Read(_directory.Wrapping).Dispose());
        }

        RefusesNaming(_directory.Wrapping, "damaged");
    }

    [Fact]
    public void A_newer_ring_or_wrapping_key_is_refused_as_newer()
    {
        var ring = File.ReadAllText(_directory.Ring);
        File.WriteAllText(_directory.Ring, ring.Replace("portcullis-key-ring 1", "portcullis-key-ring 2", StringComparison.Ordinal));
        RefusesNaming(_directory.Ring, "version '2'");
        File.WriteAllText(_directory.Ring, ring);

        var wrapping = File.ReadAllText(_directory.Wrapping);
        File.WriteAllText(_directory.Wrapping, wrapping.Replace("portcullis-wrapping-key 1", "portcullis-wrapping-key 2", StringComparison.Ordinal));
        RefusesNaming(_directory.Wrapping, "version '2'");
    }

    [Fact]
    public void A_body_with_unknown_content_is_refused_even_when_it_is_authentic()
    {
        using var wrapping = WrappingKeyFile.Read(_directory.Wrapping);
        foreach (var (known, unknown) in new[] { ("\"A256GCM\"", "\"A512GCM\""), ("\"active\"", "\"dormant\""), ("\"wraps\"", "\"warps\"") })
        {
            var file = Resign(File.ReadAllText(_directory.Ring).Replace(known, unknown, StringComparison.Ordinal), wrapping);
            var refusal = Assert.Throws<KeyRingException>(() => KeyRingFormat.Read(_directory.Ring, file, wrapping));
            Assert.Contains("does not know", refusal.Message);
        }
    }

    [Fact]
    public void Material_moved_to_another_purpose_does_not_open()
    {
        using var wrapping = WrappingKeyFile.Read(_directory.Wrapping);
        var factory = new KeyFactory(wrapping);
        var state = KeyRingFormat.Read(_directory.Ring, File.ReadAllBytes(_directory.Ring), wrapping);
        var cookie = state.Find(KeyPurpose.Cookie, KeyState.Active)!;

        Assert.NotNull(factory.Unwrap(cookie));
        Assert.Null(factory.Unwrap(cookie with { Purpose = KeyPurpose.Data }));
        Assert.Null(factory.Unwrap(cookie with { Id = "0000000000000000" }));
        Assert.Null(factory.Unwrap(cookie with { Sealed = default }));
    }

    [Fact]
    public void A_ring_of_another_installation_is_refused()
    {
        using var other = new TemporaryDirectory();
        using (Rings.Open(other, _clock))
        {
        }

        File.Copy(other.Ring, _directory.Ring, overwrite: true);
        RefusesNaming(_directory.Ring, "sealed under wrapping key");
    }

    [Fact]
    public void Something_else_in_the_place_of_a_file_is_refused()
    {
        File.WriteAllText(_directory.Ring, "{}");
        RefusesNaming(_directory.Ring, "not a key ring");
        File.WriteAllBytes(_directory.Ring, new byte[KeyRingFormat.MaximumSize + 1]);
        RefusesNaming(_directory.Ring, "more than");
        File.WriteAllText(_directory.Wrapping, "-----BEGIN PRIVATE KEY-----\n");
        RefusesNaming(_directory.Wrapping, "not a wrapping key");
    }

    [Fact]
    public void A_lost_ring_or_wrapping_key_is_not_silently_replaced()
    {
        var ring = File.ReadAllBytes(_directory.Ring);
        File.Delete(_directory.Ring);
        RefusesNaming(_directory.Ring, "missing");
        Assert.False(File.Exists(_directory.Ring));

        File.WriteAllBytes(_directory.Ring, ring);
        File.Delete(_directory.Wrapping);
        RefusesNaming(_directory.Wrapping, "missing");
        Assert.False(File.Exists(_directory.Wrapping));
    }

    [Theory]
    [InlineData("wrapping.key", UnixFileMode.GroupRead)]
    [InlineData("wrapping.key", UnixFileMode.OtherRead)]
    [InlineData("wrapping.key", UnixFileMode.OtherWrite)]
    [InlineData("ring.json", UnixFileMode.GroupRead)]
    [InlineData("ring.json", UnixFileMode.OtherWrite)]
    public void Files_open_to_others_are_refused_with_a_hint(string name, UnixFileMode extra)
    {
        var path = Path.Combine(_directory.Keys, name);
        TemporaryDirectory.SetMode(path, FilePermissions.PrivateFile | extra);

        var refusal = RefusesNaming(path, "open to others");
        Assert.Contains("chmod 600", refusal.Hint);
    }

    [Fact]
    public void A_directory_open_to_others_is_refused_with_a_hint()
    {
        TemporaryDirectory.SetMode(_directory.Keys, FilePermissions.PrivateDirectory | UnixFileMode.GroupExecute);

        Assert.Contains("chmod 700", RefusesNaming(_directory.Keys, "open to others").Hint);
    }

    [Fact]
    public void A_path_that_can_not_be_a_directory_is_refused_without_a_crash()
    {
        File.WriteAllText(_directory.At("file"), "");
        var refusal = Assert.Throws<KeyRingException>(() => KeyRing.Open(_directory.At("file/keys"), Rings.Policies, _clock));
        Assert.NotEmpty(refusal.Hint);
    }

    [Fact]
    public void A_running_process_keeps_its_keys_when_the_file_turns_bad()
    {
        using var ring = Rings.Open(_directory, _clock);
        var before = ring.Current;
        var good = File.ReadAllBytes(_directory.Ring);
        File.WriteAllBytes(_directory.Ring, good[..^1]);

        var reload = ring.Reload();

        Assert.False(reload.Changed);
        Assert.Contains("damaged", reload.Refusal!.Message);
        Assert.Same(before, ring.Current);
        Assert.Throws<KeyRingException>(() => ring.Rotate(KeyPurpose.Data));
        Assert.Equal(good[..^1], File.ReadAllBytes(_directory.Ring));
        Assert.Same(before, ring.Current);

        File.Delete(_directory.Ring);
        Assert.Contains("missing", ring.Reload().Refusal!.Message);
        File.WriteAllBytes(_directory.Ring, good);
        TemporaryDirectory.SetMode(_directory.Ring, FilePermissions.PrivateFile);
        Assert.Null(ring.Reload().Refusal);
    }

    private static byte[] Resign(string file, WrappingKey wrapping)
    {
        var end = file.IndexOf('\n', StringComparison.Ordinal);
        var start = file[..(file.LastIndexOf(' ', end) + 1)];
        var body = file[(end + 1)..];
        var mac = System.Buffers.Text.Base64Url.EncodeToString(wrapping.Authenticate(Encoding.UTF8.GetBytes(start + body)));
        return Encoding.UTF8.GetBytes($"{start}{mac}\n{body}");
    }

    private KeyRingException RefusesNaming(string path, string part)
    {
        var refusal = Assert.Throws<KeyRingException>(() => Rings.Open(_directory, _clock).Dispose());
        Assert.Equal(path, refusal.Path);
        Assert.Contains(path, refusal.Message);
        Assert.Contains(part, refusal.Message);
        Assert.NotEmpty(refusal.Hint);
        return refusal;
    }
}
