using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tests.Keys;

/// <summary>The states of the directory in which a stopped process can leave it, each opened anew.</summary>
public sealed class KeyRingCrashTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Stopped_while_writing_the_wrapping_key_starts_over()
    {
        MakePrivateDirectory();
        WritePrivate(directory.Wrapping + ".new.tmp-0a0b0c0d", "portcullis-wrapping-key 1 0123"u8);

        using var ring = Rings.Open(directory, clock);

        Assert.Equal(3, ring.Current.Keys.Count);
        Assert.Equal(3, Directory.GetFiles(directory.Keys).Length);
    }

    [Fact]
    public void Stopped_between_wrapping_key_and_ring_starts_over()
    {
        MakePrivateDirectory();
        var (key, bytes) = WrappingKeyFile.Create();
        key.Dispose();
        WritePrivate(directory.Wrapping + ".new", bytes);
        WritePrivate(directory.Ring + ".tmp-0a0b0c0d", "portcullis-key-ring 1 "u8);

        using var ring = Rings.Open(directory, clock);

        Assert.NotEqual(bytes, File.ReadAllBytes(directory.Wrapping));
        Assert.Equal(3, Directory.GetFiles(directory.Keys).Length);
    }

    [Fact]
    public void Stopped_before_the_wrapping_key_got_its_name_is_finished()
    {
        string[] ids;
        using (var ring = Rings.Open(directory, clock))
            ids = [.. ring.Current.Keys.Select(key => key.Id)];
        File.Move(directory.Wrapping, directory.Wrapping + ".new");

        using var again = Rings.Open(directory, clock);

        Assert.Equal(ids, again.Current.Keys.Select(key => key.Id));
        Assert.True(File.Exists(directory.Wrapping));
        Assert.False(File.Exists(directory.Wrapping + ".new"));
    }

    [Fact]
    public void A_new_wrapping_key_that_does_not_fit_the_ring_does_not_take_the_name()
    {
        using (Rings.Open(directory, clock))
        {
        }

        File.Delete(directory.Wrapping);
        var (key, bytes) = WrappingKeyFile.Create();
        key.Dispose();
        WritePrivate(directory.Wrapping + ".new", bytes);

        Assert.Throws<KeyRingException>(() => Rings.Open(directory, clock).Dispose());
        Assert.False(File.Exists(directory.Wrapping));
    }

    [Fact]
    public void Stopped_while_writing_a_change_leaves_the_ring_as_it_was()
    {
        using (Rings.Open(directory, clock))
        {
        }

        var before = File.ReadAllBytes(directory.Ring);
        WritePrivate(directory.Ring + ".tmp-0a0b0c0d", before.AsSpan(0, before.Length / 2));

        using var ring = Rings.Open(directory, clock);

        Assert.Equal(before, File.ReadAllBytes(directory.Ring));
        Assert.Equal(3, Directory.GetFiles(directory.Keys).Length);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_no_leftovers()
    {
        using var ring = Rings.Open(directory, clock);
        var before = File.ReadAllBytes(directory.Ring);
        var target = Path.Combine(directory.Keys, "directory");
        Directory.CreateDirectory(target);

        // A directory can't be renamed over: the last step of the write fails, as it does on a full or read-only disk.
        Assert.ThrowsAny<Exception>(() => DurableFile.Write(target, "text"u8));

        Assert.Equal(before, File.ReadAllBytes(directory.Ring));
        Assert.Equal(3, Directory.GetFiles(directory.Keys).Length);
    }

    private static void WritePrivate(string path, ReadOnlySpan<byte> content)
    {
        File.WriteAllBytes(path, content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, FilePermissions.PrivateFile);
    }

    private void MakePrivateDirectory()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory.Keys);
        else
            Directory.CreateDirectory(directory.Keys, FilePermissions.PrivateDirectory);
    }
}
