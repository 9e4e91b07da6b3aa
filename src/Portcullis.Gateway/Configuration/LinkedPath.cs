namespace Portcullis.Gateway.Configuration;

/// <summary>A path and where it leads, with every symbolic link on the way resolved: parents too, since Kubernetes swaps a directory link.</summary>
/// <param name="Target">The real path.</param>
/// <param name="Names">Everything of which a change may lead elsewhere: the path, each link, what the path becomes by it, the real path.</param>
internal sealed record LinkedPath(string Target, IReadOnlyList<string> Names)
{
    private const int MostLinks = 40;

    public static LinkedPath Of(string path)
    {
        List<string> names = [path];
        for (var links = 0; links < MostLinks; links++)
        {
            if (FirstLink(path) is not { } link) break;
            path = Path.GetFullPath(link.Target, Path.GetDirectoryName(link.Path) ?? "/") + path[link.Path.Length..];
            names.Add(link.Path);
            names.Add(path);
        }

        // After a loop of links this is one of them: opening it fails, and the load says so.
        return new(path, names);
    }

    private static (string Path, string Target)? FirstLink(string path)
    {
        for (var end = path.IndexOf(Path.DirectorySeparatorChar, 1); ; end = path.IndexOf(Path.DirectorySeparatorChar, end + 1))
        {
            var prefix = end < 0 ? path : path[..end];
            if (new FileInfo(prefix).LinkTarget is { } target) return (prefix, target);
            if (end < 0) return null;
        }
    }
}
