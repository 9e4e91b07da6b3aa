namespace Portcullis.Testing;

/// <summary>A directory that goes with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("portcullis-test-").FullName;

    /// <summary>A path in it.</summary>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file, with the directories on its way.</summary>
    public string Write(string name, string content)
    {
        var file = At(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }

    /// <summary>The mode of a file or directory; skips the test where there are none.</summary>
    public static UnixFileMode Mode(string path)
    {
        if (!OperatingSystem.IsWindows()) return File.GetUnixFileMode(path);
        Requirement.Missing("this system has no Unix file modes");
        return UnixFileMode.None;
    }

    public static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows()) Requirement.Missing("this system has no Unix file modes");
        else File.SetUnixFileMode(path, mode);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
