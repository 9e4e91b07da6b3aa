using System.Security.Cryptography;

namespace Portcullis.Trust.Keys;

/// <summary>
/// The directory of the ring: <c>wrapping.key</c>, <c>ring.json</c>, <c>ring.lock</c>. Directory 0700, files 0600. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// A wrapping key, the first or a later one, is written as <c>wrapping.key.new</c>, then the ring under it, which is the moment that counts, then
/// the key gets its name. The ring names its wrapping key, so whatever moment a process stops at, the next one knows which of the two files is
/// valid. A key without a ring, or a ring without its key, means that a file was lost, and is refused rather than replaced.
/// </remarks>
internal sealed class KeyRingStore(string directory, IKeyEncryptionKey? protection = null) : IDisposable
{
    private readonly KeyRingLock exclusion = new(Path.Combine(Path.GetFullPath(directory), "ring.lock"));
    private readonly string directory = Path.GetFullPath(directory);
    private readonly string wrappingPath = WrappingPath(directory);
    private readonly string newWrappingPath = WrappingPath(directory) + ".new";
    private IKeyEncryptionKey? protection = protection;
    private WrappingKey? wrapping;

    public string RingPath { get; } = Path.Combine(Path.GetFullPath(directory), "ring.json");

    /// <summary>The wrapping key of the ring as it was last read.</summary>
    public WrappingKey Wrapping => wrapping ?? throw new InvalidOperationException("The ring is not open.");

    /// <summary>Called with the name of each step that changes the directory, before it is taken: where a test stops the process.</summary>
    internal Action<string>? BeforeStep { get; init; }

    public static string WrappingPath(string directory) => Path.Combine(Path.GetFullPath(directory), "wrapping.key");

    /// <summary>Makes what is missing, finishes what was begun, refuses what is wrong. <paramref name="populate"/> fills a new ring.</summary>
    public void Open(Func<WrappingKey, KeyRingState> populate) => Guard(() =>
    {
        CreateDirectory();
        FilePermissions.RequirePrivate(directory, directory: true);
        using (exclusion.Take())
        {
            DurableFile.RemoveLeftovers(directory);
            var (hasKey, hasRing) = (File.Exists(wrappingPath), File.Exists(RingPath));
            if (hasKey && !hasRing)
                throw new KeyRingException(RingPath, $"{RingPath} is missing, but {wrappingPath} is there", "restore it from a backup; to give up all old keys, remove wrapping.key too");
            if (!hasKey && !hasRing)
                CreateFirst(populate);
            else if (!hasKey && !File.Exists(newWrappingPath))
                throw new KeyRingException(wrappingPath, $"{wrappingPath} is missing, but {RingPath} is there", "restore it from a backup; without it the keys in the ring are lost");
            else
                FindWrapping();
            return true;
        }
    });

    /// <summary>Reads and authenticates the ring as it stands now, under a new wrapping key if another process has replaced it.</summary>
    public KeyRingState Read() => Guard(() =>
    {
        var file = ReadFile();
        if (KeyRingFormat.PeekWrappingKeyId(file) is not { } id || id == Wrapping.Id)
            return KeyRingFormat.Read(RingPath, file, Wrapping);
        using (exclusion.Take())
            return ReadUnderLock();
    });

    /// <summary>
    /// Reads, changes and writes the ring under the lock, so that no other process's change is lost. Nothing is written when
    /// <paramref name="change"/> returns the state it was given.
    /// </summary>
    public KeyRingState Update(Func<KeyRingState, KeyRingState> change) => Guard(() =>
    {
        using (exclusion.Take())
        {
            var before = ReadUnderLock();
            var after = change(before);
            return ReferenceEquals(before, after) ? before : Write(after, Wrapping);
        }
    });

    /// <summary>
    /// Replaces the wrapping key: every key of the ring is sealed anew. Whoever opens the ring from now on needs
    /// <paramref name="newProtection"/>; processes that have it open follow at their next read if theirs opens the new key.
    /// </summary>
    public KeyRingState ReplaceWrapping(IKeyEncryptionKey? newProtection) => Guard(() =>
    {
        using (exclusion.Take())
        {
            var state = ReadUnderLock();
            var (next, bytes) = WrappingKeyFile.Create(newProtection);
            try
            {
                var rewrapped = Rewrap(state, Wrapping, next);
                Step("new wrapping key");
                DurableFile.Write(newWrappingPath, bytes);

                // The new key must be seen to open before the old one goes.
                WrappingKeyFile.Read(newWrappingPath, newProtection).Dispose();
                Step("ring");
                Write(rewrapped, next);
                var written = KeyRingFormat.Read(RingPath, ReadFile(), next);
                TakeName();
                protection = newProtection;
                Use(next);
                return written;
            }
            catch
            {
                next.Dispose();
                throw;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(bytes);
            }
        }
    });

    public void Dispose() => wrapping?.Dispose();

    private KeyRingState Rewrap(KeyRingState state, WrappingKey from, WrappingKey to)
    {
        var keys = state.Keys.Select(key => KeyFactory.Rewrap(key, from, to)
            ?? throw new KeyRingException(RingPath, $"{RingPath}: key {key.Id} can't be opened, so the wrapping key stays as it is", "restore the file from a backup, or destroy that key"));
        return new KeyRingState([.. keys], state.Keys.Count(key => !key.Sealed.IsEmpty));
    }

    private KeyRingState ReadUnderLock()
    {
        var file = ReadFile();
        if (KeyRingFormat.PeekWrappingKeyId(file) is { } id && id != Wrapping.Id)
            return FindWrapping();
        return KeyRingFormat.Read(RingPath, file, Wrapping);
    }

    /// <summary>Takes up the wrapping key that the ring names, finishing or taking back a replacement that was interrupted. Under the lock.</summary>
    private KeyRingState FindWrapping()
    {
        var file = ReadFile();
        var id = KeyRingFormat.PeekWrappingKeyId(file);
        var isNew = id is not null && WrappingKeyFile.Peek(wrappingPath)?.Id != id && (WrappingKeyFile.Peek(newWrappingPath)?.Id == id || !File.Exists(wrappingPath));
        var found = WrappingKeyFile.Read(isNew ? newWrappingPath : wrappingPath, protection);
        try
        {
            // Nothing is renamed or removed before the ring has been authenticated by the key.
            var state = KeyRingFormat.Read(RingPath, file, found);
            if (isNew)
                TakeName();
            else
                File.Delete(newWrappingPath);
            Use(found);
            return state;
        }
        catch
        {
            found.Dispose();
            throw;
        }
    }

    private void CreateFirst(Func<WrappingKey, KeyRingState> populate)
    {
        var (made, bytes) = WrappingKeyFile.Create(protection);
        Step("new wrapping key");
        DurableFile.Write(newWrappingPath, bytes);
        CryptographicOperations.ZeroMemory(bytes);
        Step("ring");
        Write(populate(made), made);
        TakeName();
        Use(made);
    }

    /// <summary>The new key becomes the key. The old one is overwritten first, as far as the file system does that in place (NIST SP 800-88).</summary>
    private void TakeName()
    {
        if (File.Exists(wrappingPath))
        {
            Step("old wrapping key overwritten");
            DurableFile.Overwrite(wrappingPath);
        }

        Step("wrapping key renamed");
        DurableFile.Rename(newWrappingPath, wrappingPath);
    }

    private KeyRingState Write(KeyRingState state, WrappingKey key)
    {
        var file = KeyRingFormat.Write(state, key);
        DurableFile.Write(RingPath, file);
        return KeyRingFormat.Read(RingPath, file, key);
    }

    private byte[] ReadFile()
    {
        FilePermissions.RequirePrivate(RingPath, directory: false);
        return DurableFile.Read(RingPath, KeyRingFormat.MaximumSize);
    }

    private void Use(WrappingKey key)
    {
        wrapping?.Dispose();
        wrapping = key;
    }

    private void Step(string name) => BeforeStep?.Invoke(name);

    private void CreateDirectory()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, FilePermissions.PrivateDirectory);
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
