using Portcullis.Control.Storage;

namespace Portcullis.Control.Tests.Storage;

public sealed class DataDirectoryTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_missing_directory_is_made_for_the_owner_alone()
    {
        var data = DataDirectory.Open(directory.At("a/b"));

        Assert.Equal(directory.At("a/b"), data.Path);
        Assert.Equal(OwnerOnly, TemporaryDirectory.Mode(data.Path));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupExecute)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_directory_that_others_may_enter_is_refused_and_stays_as_it_is(UnixFileMode others)
    {
        var path = directory.At("data");
        Directory.CreateDirectory(path);
        TemporaryDirectory.SetMode(path, OwnerOnly | others);

        var exception = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(path));

        Assert.Equal($"chmod 700 {path}", exception.Hint);
        Assert.Equal(OwnerOnly | others, TemporaryDirectory.Mode(path));
        Assert.Empty(Directory.GetFileSystemEntries(path));
    }

    // As Kubernetes mounts a volume with fsGroup: open to the group, new entries of the group.
    [Fact]
    public void A_volume_that_a_group_may_write_is_no_data_directory_but_can_hold_one()
    {
        Directory.CreateDirectory(directory.At("volume"));
        TemporaryDirectory.SetMode(directory.At("volume"), OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.SetGroup);

        Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(directory.At("volume")));
        var data = DataDirectory.Open(directory.At("volume/data"));

        Assert.Equal(OwnerOnly, TemporaryDirectory.Mode(data.Path) & ~UnixFileMode.SetGroup);
        Assert.Equal(data.Path, DataDirectory.Open(directory.At("volume/data")).Path);
    }

    [Fact]
    public void A_directory_that_must_be_there_is_not_made()
    {
        var exception = Assert.Throws<DataDirectoryException>(() => DataDirectory.OpenExisting(directory.At("mistyped")));
        Assert.Equal($"there is no data directory at {directory.At("mistyped")}", exception.Message);
        Assert.False(Directory.Exists(directory.At("mistyped")));

        Directory.CreateDirectory(directory.At("other"));
        TemporaryDirectory.SetMode(directory.At("other"), OwnerOnly);
        Assert.Throws<DataDirectoryException>(() => DataDirectory.OpenExisting(directory.At("other")));
        Assert.Empty(Directory.GetFileSystemEntries(directory.At("other")));

        DataDirectory.Open(directory.At("data"));
        Assert.Equal(directory.At("data"), DataDirectory.OpenExisting(directory.At("data")).Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void What_is_no_path_is_refused(string path)
    {
        Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(path));
        Assert.Throws<DataDirectoryException>(() => DataDirectory.OpenExisting(path));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/below")]
    public void A_file_in_the_way_is_refused(string path)
    {
        directory.Write("file", "mine");

        var exception = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(directory.At(path)));

        Assert.Contains(directory.At(path), exception.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(directory.At("file")));
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_refused()
    {
        Requirement.System(OperatingSystem.IsLinux(), "/proc is of Linux");

        Assert.Throws<DataDirectoryException>(() => DataDirectory.Open("/proc/portcullis"));
    }

    [Fact]
    public async Task Stable_bytes_are_made_once_whoever_asks_first_and_stay_the_same()
    {
        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => DataDirectory.Open(directory.At("data")).StableBytes("test.key")))).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(32, asked[0].Length);
        Assert.All(asked, bytes => Assert.Equal(asked[0], bytes));
        Assert.NotEqual(asked[0], DataDirectory.Open(directory.At("data")).StableBytes("other.key"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, TemporaryDirectory.Mode(directory.At("data/test.key")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Stable_bytes_of_another_length_are_refused_and_not_overwritten(int length)
    {
        var data = DataDirectory.Open(directory.At("data"));
        data.StableBytes("test.key");
        File.WriteAllBytes(directory.At("data/test.key"), new byte[length]);

        Assert.Throws<DataDirectoryException>(() => data.StableBytes("test.key"));
        Assert.Equal(length, new FileInfo(directory.At("data/test.key")).Length);
    }

    [Fact]
    public void Stable_bytes_that_others_may_read_are_refused()
    {
        var data = DataDirectory.Open(directory.At("data"));
        data.StableBytes("test.key");
        TemporaryDirectory.SetMode(directory.At("data/test.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Throws<DataDirectoryException>(() => data.StableBytes("test.key"));
    }
}
