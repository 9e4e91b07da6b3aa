using System.Text;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tests.Keys;

public sealed class KeyRingDamageTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    public KeyRingDamageTests()
    {
        using var ring = Rings.Open(directory, clock);
    }

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Every_changed_byte_of_the_ring_is_refused_and_nothing_overwritten()
    {
        var original = File.ReadAllBytes(directory.Ring);
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        for (var i = 0; i < original.Length; i++)
        {
            var damaged = (byte[])original.Clone();
            damaged[i] ^= 0x01;
            Assert.Throws<KeyRingException>(() => KeyRingFormat.Read(directory.Ring, damaged, wrapping));
        }

        original[^10] ^= 0x20;
        File.WriteAllBytes(directory.Ring, original);
        RefusesNaming(directory.Ring, "damaged");
        Assert.Equal(original, File.ReadAllBytes(directory.Ring));
    }

    [Fact]
    public void Every_truncation_of_the_ring_is_refused()
    {
        var original = File.ReadAllBytes(directory.Ring);
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        for (var length = 0; length < original.Length; length++)
            Assert.Throws<KeyRingException>(() => KeyRingFormat.Read(directory.Ring, original.AsSpan(0, length), wrapping));
    }

    [Fact]
    public void Every_changed_byte_and_truncation_of_the_wrapping_key_is_refused()
    {
        var original = File.ReadAllBytes(directory.Wrapping);
        for (var i = 0; i < original.Length; i++)
        {
            var damaged = (byte[])original.Clone();
            damaged[i] ^= 0x01;
            File.WriteAllBytes(directory.Wrapping, damaged);
            Assert.Throws<KeyRingException>(() => WrappingKeyFile.Read(directory.Wrapping).Dispose());
            File.WriteAllBytes(directory.Wrapping, original[..i]);
            Assert.Throws<KeyRingException>(() => WrappingKeyFile.Read(directory.Wrapping).Dispose());
        }

        RefusesNaming(directory.Wrapping, "damaged");
    }

    [Fact]
    public void A_newer_ring_or_wrapping_key_is_refused_as_newer()
    {
        var ring = File.ReadAllText(directory.Ring);
        File.WriteAllText(directory.Ring, ring.Replace("portcullis-key-ring 1", "portcullis-key-ring 2", StringComparison.Ordinal));
        RefusesNaming(directory.Ring, "version '2'");
        File.WriteAllText(directory.Ring, ring);

        var wrapping = File.ReadAllText(directory.Wrapping);
        File.WriteAllText(directory.Wrapping, wrapping.Replace("portcullis-wrapping-key 1", "portcullis-wrapping-key 3", StringComparison.Ordinal));
        RefusesNaming(directory.Wrapping, "version '3'");
    }

    [Fact]
    public void A_body_with_unknown_content_is_refused_even_when_it_is_authentic()
    {
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        foreach (var (known, unknown) in new[] { ("\"A256GCM\"", "\"A512GCM\""), ("\"active\"", "\"dormant\""), ("\"wraps\"", "\"warps\"") })
        {
            var file = Resign(File.ReadAllText(directory.Ring).Replace(known, unknown, StringComparison.Ordinal), wrapping);
            var refusal = Assert.Throws<KeyRingException>(() => KeyRingFormat.Read(directory.Ring, file, wrapping));
            Assert.Contains("does not know", refusal.Message);
        }
    }

    [Fact]
    public void Material_moved_to_another_purpose_does_not_open()
    {
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        var factory = new KeyFactory(wrapping);
        var state = KeyRingFormat.Read(directory.Ring, File.ReadAllBytes(directory.Ring), wrapping);
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
        using (Rings.Open(other, clock))
        {
        }

        File.Copy(other.Ring, directory.Ring, overwrite: true);
        RefusesNaming(directory.Ring, "sealed under wrapping key");
    }

    [Fact]
    public void Something_else_in_the_place_of_a_file_is_refused()
    {
        var ring = File.ReadAllBytes(directory.Ring);
        File.WriteAllText(directory.Ring, "{}");
        RefusesNaming(directory.Ring, "not a key ring");
        File.WriteAllBytes(directory.Ring, new byte[KeyRingFormat.MaximumSize + 1]);
        RefusesNaming(directory.Ring, "more than");
        File.WriteAllBytes(directory.Ring, ring);
        File.WriteAllText(directory.Wrapping, "-----BEGIN PRIVATE KEY-----\n");
        RefusesNaming(directory.Wrapping, "not a wrapping key");
    }

    [Fact]
    public void A_lost_ring_or_wrapping_key_is_not_silently_replaced()
    {
        var ring = File.ReadAllBytes(directory.Ring);
        File.Delete(directory.Ring);
        RefusesNaming(directory.Ring, "missing");
        Assert.False(File.Exists(directory.Ring));

        File.WriteAllBytes(directory.Ring, ring);
        File.Delete(directory.Wrapping);
        RefusesNaming(directory.Wrapping, "missing");
        Assert.False(File.Exists(directory.Wrapping));
    }

    [Theory]
    [InlineData("wrapping.key", UnixFileMode.GroupRead)]
    [InlineData("wrapping.key", UnixFileMode.OtherRead)]
    [InlineData("wrapping.key", UnixFileMode.OtherWrite)]
    [InlineData("ring.json", UnixFileMode.GroupRead)]
    [InlineData("ring.json", UnixFileMode.OtherWrite)]
    public void Files_open_to_others_are_refused_with_a_hint(string name, UnixFileMode extra)
    {
        var path = Path.Combine(directory.Keys, name);
        TemporaryDirectory.SetMode(path, FilePermissions.PrivateFile | extra);

        var refusal = RefusesNaming(path, "open to others");
        Assert.Contains("chmod 600", refusal.Hint);
    }

    [Fact]
    public void A_directory_open_to_others_is_refused_with_a_hint()
    {
        TemporaryDirectory.SetMode(directory.Keys, FilePermissions.PrivateDirectory | UnixFileMode.GroupExecute);

        Assert.Contains("chmod 700", RefusesNaming(directory.Keys, "open to others").Hint);
    }

    [Fact]
    public void A_path_that_can_not_be_a_directory_is_refused_without_a_crash()
    {
        File.WriteAllText(directory.At("file"), "");
        var refusal = Assert.Throws<KeyRingException>(() => KeyRing.Open(directory.At("file/keys"), Rings.Policies, clock));
        Assert.NotEmpty(refusal.Hint);
    }

    [Fact]
    public void A_running_process_keeps_its_keys_when_the_file_turns_bad()
    {
        using var ring = Rings.Open(directory, clock);
        var before = ring.Current;
        var good = File.ReadAllBytes(directory.Ring);
        File.WriteAllBytes(directory.Ring, good[..^1]);

        var reload = ring.Reload();

        Assert.False(reload.Changed);
        Assert.Contains("damaged", reload.Refusal!.Message);
        Assert.Same(before, ring.Current);
        Assert.Throws<KeyRingException>(() => ring.Rotate(KeyPurpose.Data));
        Assert.Equal(good[..^1], File.ReadAllBytes(directory.Ring));
        Assert.Same(before, ring.Current);

        File.Delete(directory.Ring);
        Assert.Contains("missing", ring.Reload().Refusal!.Message);
        File.WriteAllBytes(directory.Ring, good);
        TemporaryDirectory.SetMode(directory.Ring, FilePermissions.PrivateFile);
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
        var refusal = Assert.Throws<KeyRingException>(() => Rings.Open(directory, clock).Dispose());
        Assert.Equal(path, refusal.Path);
        Assert.Contains(path, refusal.Message);
        Assert.Contains(part, refusal.Message);
        Assert.NotEmpty(refusal.Hint);
        return refusal;
    }
}
