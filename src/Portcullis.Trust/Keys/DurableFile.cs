using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Portcullis.Trust.Keys;

/// <summary>
/// Files that are whole or absent whatever moment the machine stops at: written beside, flushed, renamed over, directory flushed. The blocks
/// of the former version are freed, not overwritten; what secret they hold is sealed.
/// </summary>
public static partial class DurableFile
{
    private const string TemporarySuffix = ".tmp-";

    public static byte[] Read(string path, int maximumSize)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length > maximumSize)
            throw new KeyRingException(path, $"{path} has {stream.Length} bytes, more than the {maximumSize} it can have", "restore the file from a backup");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + TemporarySuffix + RandomNumberGenerator.GetHexString(8, lowercase: true);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = FilePermissions.PrivateFile;
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            Rename(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Renames over what stands there, and makes the renaming durable.</summary>
    public static void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        FlushDirectory(Path.GetDirectoryName(to)!);
    }

    /// <summary>
    /// Overwrites the content with zeros in place, before the file is given up. File systems that copy on write, and flash, may keep the old
    /// blocks all the same (NIST SP 800-88, section 2.4).
    /// </summary>
    internal static void Overwrite(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        stream.Write(new byte[(int)Math.Min(stream.Length, 64 * 1024)]);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Removes what writers that were stopped left behind. Call it under the directory's lock.</summary>
    public static void RemoveLeftovers(string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*" + TemporarySuffix + "*"))
            File.Delete(path);
    }

    /// <summary>A rename is durable only after the directory itself is flushed (fsync(2)); the framework opens no directories, so this asks the system.</summary>
    private static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(directory, flags: 0);
        if (descriptor < 0)
            throw new IOException($"{directory} can't be opened to be flushed (error {Marshal.GetLastPInvokeError()}).");
        var failed = Fsync(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        // EINVAL: the file system does not flush directories, which is its way of saying it need not.
        if (failed && error != 22)
            throw new IOException($"{directory} can't be flushed (error {error}).");
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
