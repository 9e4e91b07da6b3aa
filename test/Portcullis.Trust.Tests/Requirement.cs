namespace Portcullis.Trust.Tests;

/// <summary>
/// What a test needs from outside. Where it is absent the test skips with a reason; with PORTCULLIS_TEST_REQUIRE_ALL=1, as in CI, it fails.
/// </summary>
internal static class Requirement
{
    /// <summary>The path of a file or folder of test data: in PORTCULLIS_TEST_DATA, or in shared/data beside the repository.</summary>
    public static string Data(params string[] parts)
    {
        var root = Environment.GetEnvironmentVariable("PORTCULLIS_TEST_DATA") is { Length: > 0 } named ? named : Path.Combine(Repository(), "..", "shared", "data");
        var path = Path.GetFullPath(Path.Combine([root, .. parts]));
        if (!Path.Exists(path))
            Missing($"test data {path} is absent (PORTCULLIS_TEST_DATA names another place)");
        return path;
    }

    public static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("PORTCULLIS_TEST_REQUIRE_ALL") == "1")
            Assert.Fail($"Required, but {reason}");
        Assert.Skip(reason);
    }

    private static string Repository()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Portcullis.slnx")))
            directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("Portcullis.slnx is nowhere above the tests.");
        return directory;
    }
}
