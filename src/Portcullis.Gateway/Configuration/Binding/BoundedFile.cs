using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>Reads small files whole, up to a limit, and says in words why one can't be read.</summary>
internal static class BoundedFile
{
    private const int ChunkSize = 16 * 1024;

    /// <summary>Reads the file. Works for pipes too; never reads more than one byte past the limit.</summary>
    public static bool TryRead(string path, int limit, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? error)
    {
        content = null;
        if (Directory.Exists(path))
        {
            error = "is a directory, not a file";
            return false;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            using var buffer = new MemoryStream();
            var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
            try
            {
                int read;
                while ((read = stream.Read(chunk, 0, (int)Math.Min(ChunkSize, limit + 1 - buffer.Length))) > 0) buffer.Write(chunk, 0, read);
            }
            finally
            {
                // What was read may be a secret.
                ArrayPool<byte>.Shared.Return(chunk, clearArray: true);
            }

            if (buffer.Length > limit)
            {
                error = $"is larger than {ByteSizeText.Format(limit)}";
                return false;
            }

            content = buffer.ToArray();
            error = null;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error = Explain(path, exception);
            return false;
        }
    }

    /// <summary>What identifies the file's content: equal for equal bytes. A file that can't be read has the reason as its fingerprint.</summary>
    public static string Fingerprint(string path, int limit) => TryRead(path, limit, out var content, out var error) ? Fingerprint(content) : error;

    /// <summary>What identifies these bytes.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> content) => Convert.ToHexString(SHA256.HashData(content));

    /// <summary>Why the file can't be opened for reading, or null when it can.</summary>
    public static string? Check(string path)
    {
        if (Directory.Exists(path)) return "is a directory, not a file";
        try
        {
            using var handle = File.OpenHandle(path);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Explain(path, exception);
        }
    }

    private static string Explain(string path, Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => LinkTarget(path) is { } target
            ? $"is a symbolic link to {Excerpt.Quote(target)}, which does not exist"
            : "does not exist",
        UnauthorizedAccessException => $"can't be read: permission denied for user {Environment.UserName}",
        ArgumentException or NotSupportedException => "is not a valid file name",
        _ => "can't be read: " + Excerpt.Of(exception.Message, 160),
    };

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
