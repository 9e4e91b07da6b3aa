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
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is of Linux");

        Assert.Throws<DataDirectoryException>(() => DataDirectory.Open("/proc/portcullis"));
    }
}
