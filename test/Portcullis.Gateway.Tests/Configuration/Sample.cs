namespace Portcullis.Gateway.Tests.Configuration;

/// <summary>Files beside the tests.</summary>
internal static class Sample
{
    public static string Directory { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Configuration", "Samples");

    public static string Path(string name) => System.IO.Path.Combine(Directory, name);

    /// <summary>The root of the repository; null where the tests run without it.</summary>
    public static string? Repository
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (directory is not null && !File.Exists(System.IO.Path.Combine(directory.FullName, "Portcullis.slnx"))) directory = directory.Parent;
            return directory?.FullName;
        }
    }
}
