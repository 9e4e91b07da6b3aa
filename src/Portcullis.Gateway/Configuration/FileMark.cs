namespace Portcullis.Gateway.Configuration;

/// <summary>What the file system tells of a file without its being read. Another file under the name has another birth time.</summary>
internal readonly record struct FileMark(string Path, bool Exists, long Length, DateTime Written, DateTime Born)
{
    /// <summary>The mark of the file that the path leads to now.</summary>
    public static FileMark Of(string path)
    {
        try
        {
            var target = LinkedPath.Of(path).Target;
            var file = new FileInfo(target);
            return file.Exists ? new(target, true, file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc) : new(target, false, 0, default, default);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new(path, false, 0, default, default);
        }
    }
}
