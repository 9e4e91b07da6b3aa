using System.Security.Cryptography;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// All files that a listener's TLS settings name, read at one moment. Their digest tells whether anything changed, by content, so it
/// makes no difference whether a file was rewritten, renamed over, or swapped by a symbolic link.
/// </summary>
internal sealed class CertificateFiles
{
    /// <summary>Far beyond any chain or key; keeps a mistaken path such as a log file out of memory.</summary>
    private const int MaximumBytes = 1024 * 1024;

    private readonly Dictionary<string, byte[]> contents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> problems = new(StringComparer.Ordinal);

    private CertificateFiles(IEnumerable<string> paths)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths)
        {
            if (TryRead(path, out var content, out var problem)) contents[path] = content;
            else problems[path] = problem;
            digest.AppendData(SHA256.HashData(content));
        }

        Digest = Convert.ToHexString(digest.GetHashAndReset());
    }

    /// <summary>Differs when the content of any file does.</summary>
    public string Digest { get; }

    public static CertificateFiles Read(TlsOptions options) => new(Paths(options));

    /// <summary>Every file that the settings name, each once.</summary>
    public static IReadOnlyList<string> Paths(TlsOptions options)
    {
        List<string?> paths = [options.Certificate, options.PrivateKey, options.PasswordFile, options.ClientCa];
        foreach (var further in options.AdditionalCertificates) paths.AddRange([further.Certificate, further.PrivateKey, further.PasswordFile]);
        return [.. paths.OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The file's octets, or why there are none.</summary>
    public bool TryGet(string path, out byte[] content, out string problem)
    {
        problem = problems.GetValueOrDefault(path, string.Empty);
        return contents.TryGetValue(path, out content!);
    }

    private static bool TryRead(string path, out byte[] content, out string problem)
    {
        content = [];
        problem = string.Empty;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[MaximumBytes + 1];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (length > MaximumBytes)
            {
                problem = $"{path} is larger than 1 MiB: is it the right file?";
                return false;
            }

            content = buffer[..length];
            return true;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = $"{path} does not exist";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} can't be read: {exception.Message}";
        }

        return false;
    }
}
