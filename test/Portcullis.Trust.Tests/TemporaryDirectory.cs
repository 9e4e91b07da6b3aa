namespace Portcullis.Trust.Tests;

/// <summary>A directory for one test; gone with it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("portcullis-trust-");

    /// <summary>The ring's directory in it, not made yet.</summary>
    public string Keys => Path.Combine(directory.FullName, "keys");

    public string Wrapping => Path.Combine(Keys, "wrapping.key");

    public string Ring => Path.Combine(Keys, "ring.json");

    public string At(string name) => Path.Combine(directory.FullName, name);

    /// <summary>The mode of a file or directory; skips the test where there are none.</summary>
    public static UnixFileMode Mode(string path)
    {
        if (!OperatingSystem.IsWindows())
            return File.GetUnixFileMode(path);
        Assert.Skip("this system has no Unix file modes");
        return UnixFileMode.None;
    }

    public static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("this system has no Unix file modes");
        else
            File.SetUnixFileMode(path, mode);
    }

    public void Dispose() => directory.Delete(recursive: true);
}
