namespace Portcullis.Testing;

/// <summary>
/// What a test needs from outside. Where it is absent the test skips with a reason; with PORTCULLIS_TEST_REQUIRE_ALL=1, as in CI, it fails.
/// </summary>
internal static class Requirement
{
    /// <summary>The path of a file or folder of test data: in PORTCULLIS_TEST_DATA, or in shared/data beside any directory above the tests.</summary>
    public static string Data(params string[] parts)
    {
        var path = Path.Combine([DataRoot(), .. parts]);
        if (!Path.Exists(path)) Missing($"test data {path} is absent (PORTCULLIS_TEST_DATA names another place)");
        return path;
    }

    /// <summary>The path of a program; <paramref name="package"/> is the Debian package that holds it.</summary>
    public static string Tool(string name, string package)
    {
        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var file = Path.Combine(directory, name);
            if (File.Exists(file)) return file;
        }

        Missing($"{name} is not installed (Debian package {package})");
        return name;
    }

    /// <summary>A property of the system that the test is about or can't do without.</summary>
    public static void System(bool holds, string otherwise)
    {
        if (!holds) Missing(otherwise);
    }

    /// <summary>Skips the test, or fails it where nothing may be missing.</summary>
    public static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("PORTCULLIS_TEST_REQUIRE_ALL") == "1") Assert.Fail($"Required, but {reason}");
        Assert.Skip(reason);
    }

    private static string DataRoot()
    {
        if (Environment.GetEnvironmentVariable("PORTCULLIS_TEST_DATA") is { Length: > 0 } named) return named;
        for (var directory = new DirectoryInfo(Repository.Root); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "shared", "data");
            if (Directory.Exists(candidate)) return candidate;
        }

        return Path.Combine(Repository.Root, "shared", "data");
    }
}
