namespace Portcullis.Control.Storage;

/// <summary>Excludes other processes while a file is changed.</summary>
public sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FileStream stream;

    private FileLock(FileStream stream) => this.stream = stream;

    /// <summary>Waits up to ten seconds for the lock.</summary>
    /// <exception cref="DataDirectoryException">Another process holds it for longer.</exception>
    public static FileLock Acquire(string path)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        using var pause = new ManualResetEventSlim();
        while (true)
        {
            try
            {
                // On Unix FileShare.None is an advisory flock, which ends with the process.
                return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(deadline) < Patience)
            {
                pause.Wait(TimeSpan.FromMilliseconds(20));
            }
            catch (IOException exception)
            {
                throw new DataDirectoryException($"{path} is held by another process", "wait for it to finish, or end it", exception);
            }
        }
    }

    public void Dispose() => stream.Dispose();
}
