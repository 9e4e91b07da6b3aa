namespace Portcullis.Trust.Keys;

/// <summary>An exclusive lock among processes (flock(2) on Unix). It goes with the process, so a crash leaves none behind.</summary>
internal sealed class KeyRingLock(string path)
{
    // As long as another process may take to write the ring; making an RSA key of 4096 bits is the slow part.
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    // How the framework reports that somebody else holds the lock: the system's error number.
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    /// <exception cref="KeyRingException">Another process holds it for longer than twenty seconds.</exception>
    public IDisposable Take()
    {
        FileStream? stream = null;
        if (!SpinWait.SpinUntil(() => (stream = TryTake()) is not null, patience))
            throw new KeyRingException(path, $"{path} is held by another process", "wait for the other Portcullis to finish, or end it");
        return stream!;
    }

    private FileStream? TryTake()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FilePermissions.PrivateFile;
        try
        {
            return new FileStream(path, options);
        }
        catch (IOException exception) when (exception.HResult is WouldBlockLinux or WouldBlockMac or SharingViolation)
        {
            return null;
        }
    }
}
