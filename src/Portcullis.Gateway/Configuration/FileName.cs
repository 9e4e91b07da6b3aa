namespace Portcullis.Gateway.Configuration;

/// <summary>How the name of a file is shown: relative to the configuration where it lies below that, else absolute.</summary>
internal static class FileName
{
    public static string Show(string file, string? directory)
        => directory is not null && file.StartsWith(Path.TrimEndingDirectorySeparator(directory) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? Path.GetRelativePath(directory, file)
            : file;
}
