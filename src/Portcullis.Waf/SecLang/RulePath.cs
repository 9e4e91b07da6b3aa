using System.Text;

namespace Portcullis.Waf.SecLang;

/// <summary>Files that rule files name.</summary>
internal static class RulePath
{
    /// <summary>In bytes.</summary>
    public const int MaximumFileSize = RuleSet.MaximumFileSize;

    /// <summary>The full path of what a rule file names, relative to that file; null if it is no path.</summary>
    public static string? Resolve(string name, string file) => Combine(name, Path.GetDirectoryName(Path.GetFullPath(file)) ?? Path.GetFullPath("."));

    /// <summary>The same, relative to a directory.</summary>
    public static string? Combine(string name, string directory)
        => name.Length == 0 || name.Contains('\0', StringComparison.Ordinal) ? null : Path.GetFullPath(name, Path.GetFullPath(directory));

    /// <summary>The text of a file, a character for each byte; null with what is wrong.</summary>
    public static string? Read(string path, out string? error)
    {
        try
        {
            // A device says that it has no length, so what comes is counted.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var bytes = new byte[Math.Min(stream.CanSeek ? stream.Length : 0, MaximumFileSize) + 1];
            var length = 0;
            while (stream.Read(bytes, length, bytes.Length - length) is > 0 and var read)
            {
                length += read;
                if (length > MaximumFileSize)
                {
                    error = $"{path} is larger than {MaximumFileSize >> 20} MiB";
                    return null;
                }

                if (length == bytes.Length) Array.Resize(ref bytes, Math.Min(bytes.Length * 2, MaximumFileSize + 1));
            }

            error = null;
            return Encoding.Latin1.GetString(bytes, 0, length);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error = $"{path} can't be read: {failure.Message}";
            return null;
        }
    }
}
