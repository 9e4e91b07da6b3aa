using Portcullis.Trust.Keys;

namespace Portcullis.Control.Storage;

/// <summary>Excludes other processes while a file is changed.</summary>
public sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FileStream stream;

    private FileLock(FileStream stream) => this.stream = stream;

    /// <summary>Waits up to ten seconds for the lock.</summary>
    /// <exception cref="DataDirectoryException">Another process holds it for longer, or the lock file can't be made.</exception>
    public static FileLock Acquire(string path)
    {
        // On Unix FileShare.None is an advisory flock, which ends with the process.
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FilePermissions.PrivateFile;

        var started = TimeProvider.System.GetTimestamp();
        using var pause = new ManualResetEventSlim();
        while (true)
        {
            try
            {
                return new FileLock(new FileStream(path, options));
            }
            catch (IOException exception) when (IsHeld(exception))
            {
                if (TimeProvider.System.GetElapsedTime(started) >= Patience)
                    throw new DataDirectoryException($"{path} is held by another process", "wait for it to finish, or end it", exception);
                pause.Wait(TimeSpan.FromMilliseconds(20));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new DataDirectoryException($"{path} can't be opened: {exception.Message}", "check the rights and the space of the data directory", exception);
            }
        }
    }

    // EWOULDBLOCK of flock(2) on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows; all else does not pass by waiting.
    private static bool IsHeld(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);

    public void Dispose() => stream.Dispose();
}
