namespace Portcullis.Trust.Keys;

/// <summary>Owner-only files and directories. On Windows access lists of the parent directory apply instead.</summary>
public static class FilePermissions
{
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode PrivateDirectory = PrivateFile | UnixFileMode.UserExecute;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <exception cref="KeyRingException">Somebody but the owner has any right.</exception>
    public static void RequirePrivate(string path, bool directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        var mode = File.GetUnixFileMode(path);
        if ((mode & Others) == UnixFileMode.None)
            return;
        throw new KeyRingException(
            path,
            $"{path} is open to others (mode 0{Convert.ToString((int)mode, 8)})",
            directory ? $"chmod 700 {path}" : $"chmod 600 {path}, and replace the keys if others may have read it");
    }
}
