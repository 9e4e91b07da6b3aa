using Portcullis.Control.Storage;

namespace Portcullis.Control.Tests.Storage;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_second_holder_waits_until_the_first_lets_go()
    {
        var first = FileLock.Acquire(directory.At("lock"));
        var second = Task.Run(() => FileLock.Acquire(directory.At("lock")));

        Assert.False(second.IsCompleted);
        first.Dispose();

        (await second.WaitAsync(TimeSpan.FromSeconds(10))).Dispose();
    }

    [Fact]
    public void The_lock_file_is_the_owners_alone()
    {
        using var held = FileLock.Acquire(directory.At("lock"));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, TemporaryDirectory.Mode(directory.At("lock")));
    }

    [Fact]
    public void What_is_not_a_matter_of_waiting_is_told_at_once()
    {
        var started = TimeProvider.System.GetTimestamp();

        var exception = Assert.Throws<DataDirectoryException>(() => FileLock.Acquire(directory.At("none/lock")));

        Assert.StartsWith($"{directory.At("none/lock")} can't be opened: ", exception.Message, StringComparison.Ordinal);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(5), "it waited for a lock that nobody holds");
    }

    [Fact]
    public void A_directory_in_the_place_of_the_lock_file_is_refused()
    {
        Directory.CreateDirectory(directory.At("lock"));

        Assert.Throws<DataDirectoryException>(() => FileLock.Acquire(directory.At("lock")));
    }
}
