namespace Portcullis.Testing;

/// <summary>Where the source tree is.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Portcullis.slnx"))) directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("not inside the source tree");
        return directory;
    }
}
