using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Storage;

/// <summary>The directory that holds everything a node must keep: keys, certificates, the database. Owner only (mode 0700).</summary>
public sealed class DataDirectory
{
    private const int StableLength = 32;

    /// <summary>Written at each opening; tells a data directory from any other that is the owner's alone.</summary>
    private const string Marker = ".writable";

    private DataDirectory(string path) => Path = path;

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>The key ring's own directory.</summary>
    public string Keys => System.IO.Path.Combine(Path, "keys");

    /// <summary>Development certificates.</summary>
    public string Certificates => System.IO.Path.Combine(Path, "tls");

    /// <summary>The database, where it is SQLite.</summary>
    public string Database => System.IO.Path.Combine(Path, "portcullis.db");

    /// <summary>The clients of the token service as versions before the database kept them; taken over at the first start.</summary>
    public string Clients => System.IO.Path.Combine(Path, "clients.json");

    /// <summary>Opens the directory, or makes it.</summary>
    /// <exception cref="DataDirectoryException">It can't be made or written, is no directory, or others may enter it.</exception>
    public static DataDirectory Open(string path) => Open(path, mustExist: false);

    /// <summary>Opens a directory that a gateway has used before; makes nothing elsewhere.</summary>
    /// <exception cref="DataDirectoryException">There is none, it can't be written, or others may enter it.</exception>
    public static DataDirectory OpenExisting(string path) => Open(path, mustExist: true);

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

    private static DataDirectory Open(string path, bool mustExist)
    {
        var full = path;
        try
        {
            full = System.IO.Path.GetFullPath(path);
            if (mustExist && !File.Exists(System.IO.Path.Combine(full, Marker)))
            {
                throw new DataDirectoryException(
                    $"there is no data directory at {full}",
                    "name it with --data, or with --config the configuration that names it; the first start of the gateway makes it");
            }

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
            DurableFile.Write(System.IO.Path.Combine(full, Marker), "ok"u8);
            return new DataDirectory(full);
        }
        catch (KeyRingException exception)
        {
            throw new DataDirectoryException(exception.Message, exception.Hint, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DataDirectoryException(
                $"the data directory '{full}' can't be used: {exception.Message}",
                "give the gateway's user a directory that it may write, with space on its disk, by data: in the configuration",
                exception);
        }
    }
}
