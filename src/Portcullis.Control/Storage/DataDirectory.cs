using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Storage;

/// <summary>The directory that holds everything a node must keep: keys, certificates, clients. Owner only (mode 0700).</summary>
public sealed class DataDirectory
{
    private const int StableLength = 32;

    private DataDirectory(string path) => Path = path;

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>The key ring's own directory.</summary>
    public string Keys => System.IO.Path.Combine(Path, "keys");

    /// <summary>Development certificates.</summary>
    public string Certificates => System.IO.Path.Combine(Path, "tls");

    /// <summary>The clients of the token service.</summary>
    public string Clients => System.IO.Path.Combine(Path, "clients.json");

    /// <summary>Opens the directory, or makes it.</summary>
    /// <exception cref="DataDirectoryException">It can't be made or written, is no directory, or others may enter it.</exception>
    public static DataDirectory Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            if (Directory.Exists(full))
            {
                FilePermissions.RequirePrivate(full, directory: true);
            }
            else
            {
                if (OperatingSystem.IsWindows()) Directory.CreateDirectory(full);
                else Directory.CreateDirectory(full, FilePermissions.PrivateDirectory);
            }

            // Finding out now that the disk is full or read-only beats finding out when a key is due.
            DurableFile.Write(System.IO.Path.Combine(full, ".writable"), "ok"u8);
            return new DataDirectory(full);
        }
        catch (KeyRingException exception)
        {
            throw new DataDirectoryException(exception.Message, exception.Hint, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new DataDirectoryException(
                $"the data directory {full} can't be used: {exception.Message}",
                "give the gateway's user a directory that it may write, with space on its disk, by data: in the configuration",
                exception);
        }
    }

    /// <summary>
    /// 32 random bytes of this name that stay the same over restarts, made at first use, in a file of mode 0600. For what needs no
    /// rotation and protects no data, as ids in affinity cookies; everything else belongs in the key ring.
    /// </summary>
    /// <exception cref="DataDirectoryException">The file has another length, others may read it, or the disk fails.</exception>
    public byte[] StableBytes(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        try
        {
            using var held = FileLock.Acquire(path + ".lock");
            if (!File.Exists(path)) DurableFile.Write(path, RandomNumberGenerator.GetBytes(StableLength));
            FilePermissions.RequirePrivate(path, directory: false);
            var bytes = DurableFile.Read(path, StableLength);
            return bytes.Length == StableLength
                ? bytes
                : throw new DataDirectoryException($"{path} has {bytes.Length} bytes instead of {StableLength}", "delete it; a new one is made at the next start, and clients are spread anew");
        }
        catch (KeyRingException exception)
        {
            throw new DataDirectoryException(exception.Message, exception.Hint, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"{path} can't be used: {exception.Message}", "check the disk and the owner of the data directory", exception);
        }
    }
}
