namespace Portcullis.Trust.Keys;

/// <summary>
/// The directory of the ring: <c>wrapping.key</c>, <c>ring.json</c>, <c>ring.lock</c>. Directory 0700, files 0600.
/// </summary>
/// <remarks>
/// First run, under the lock: the wrapping key is written as <c>wrapping.key.new</c>, then the ring, then the key gets its name. So a crash
/// leaves one of: nothing or the new key alone (start over), both (finish), all. A key without a ring, or a ring without any key, means that
/// a file was lost, and is refused rather than replaced.
/// </remarks>
internal sealed class KeyRingStore
{
    // As long as another process may take to write the ring; making an RSA key of 4096 bits is the slow part.
    private static readonly TimeSpan lockPatience = TimeSpan.FromSeconds(20);

    // How the framework reports that somebody else holds the lock: the system's error number.
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly string directory;
    private readonly string wrappingPath;
    private readonly string newWrappingPath;
    private readonly string lockPath;

    public KeyRingStore(string directory)
    {
        this.directory = Path.GetFullPath(directory);
        wrappingPath = Path.Combine(this.directory, "wrapping.key");
        newWrappingPath = wrappingPath + ".new";
        lockPath = Path.Combine(this.directory, "ring.lock");
        RingPath = Path.Combine(this.directory, "ring.json");
    }

    public string RingPath { get; }

    /// <summary>Makes what is missing, refuses what is wrong. <paramref name="populate"/> fills a new ring.</summary>
    public WrappingKey Open(Func<WrappingKey, KeyRingState> populate) => Guard(() =>
    {
        CreateDirectory();
        FilePermissions.RequirePrivate(directory, directory: true);
        using (Lock())
        {
            DurableFile.RemoveLeftovers(directory);
            var (hasKey, hasRing) = (File.Exists(wrappingPath), File.Exists(RingPath));
            if (hasKey && !hasRing)
                throw new KeyRingException(RingPath, $"{RingPath} is missing, but {wrappingPath} is there", "restore it from a backup; to give up all old keys, remove wrapping.key too");
            if (hasKey)
                return WrappingKeyFile.Read(wrappingPath);
            if (!hasRing)
                return CreateFirst(populate);
            if (!File.Exists(newWrappingPath))
                throw new KeyRingException(wrappingPath, $"{wrappingPath} is missing, but {RingPath} is there", "restore it from a backup; without it the keys in the ring are lost");
            return FinishFirst();
        }
    });

    /// <summary>Reads and authenticates the ring as it stands now.</summary>
    public KeyRingState Read(WrappingKey wrapping) => Guard(() => ReadUnguarded(wrapping));

    /// <summary>
    /// Reads, changes and writes the ring under the lock, so that no other process's change is lost. Nothing is written when
    /// <paramref name="change"/> returns the state it was given.
    /// </summary>
    public KeyRingState Update(WrappingKey wrapping, Func<KeyRingState, KeyRingState> change) => Guard(() =>
    {
        using (Lock())
        {
            var before = ReadUnguarded(wrapping);
            var after = change(before);
            if (ReferenceEquals(before, after))
                return before;
            var file = KeyRingFormat.Write(after, wrapping);
            DurableFile.Write(RingPath, file);
            return KeyRingFormat.Read(RingPath, file, wrapping);
        }
    });

    private KeyRingState ReadUnguarded(WrappingKey wrapping)
    {
        FilePermissions.RequirePrivate(RingPath, directory: false);
        return KeyRingFormat.Read(RingPath, DurableFile.Read(RingPath, KeyRingFormat.MaximumSize), wrapping);
    }

    private WrappingKey CreateFirst(Func<WrappingKey, KeyRingState> populate)
    {
        var (wrapping, bytes) = WrappingKeyFile.Create();
        DurableFile.Write(newWrappingPath, bytes);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        DurableFile.Write(RingPath, KeyRingFormat.Write(populate(wrapping), wrapping));
        DurableFile.Rename(newWrappingPath, wrappingPath);
        return wrapping;
    }

    private WrappingKey FinishFirst()
    {
        var wrapping = WrappingKeyFile.Read(newWrappingPath);
        _ = ReadUnguarded(wrapping);
        DurableFile.Rename(newWrappingPath, wrappingPath);
        return wrapping;
    }

    private void CreateDirectory()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, FilePermissions.PrivateDirectory);
    }

    /// <summary>An exclusive lock among processes (flock(2) on Unix). It goes with the process, so a crash leaves none behind.</summary>
    private FileStream Lock()
    {
        FileStream? stream = null;
        if (!SpinWait.SpinUntil(() => (stream = TryLock()) is not null, lockPatience))
            throw new KeyRingException(lockPath, $"{lockPath} is held by another process", "wait for the other Portcullis to finish, or end it");
        return stream!;
    }

    private FileStream? TryLock()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FilePermissions.PrivateFile;
        try
        {
            return new FileStream(lockPath, options);
        }
        catch (IOException exception) when (exception.HResult is WouldBlockLinux or WouldBlockMac or SharingViolation)
        {
            return null;
        }
    }

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (FileNotFoundException exception)
        {
            var path = exception.FileName ?? RingPath;
            throw new KeyRingException(path, $"{path} is missing", "restore it from a backup", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KeyRingException(
                directory, $"The key ring in {directory} can't be read or written: {exception.Message}", "check free space, the path and who owns it", exception);
        }
    }
}
