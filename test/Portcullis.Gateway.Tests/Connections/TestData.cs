namespace Portcullis.Gateway.Tests.Connections;

/// <summary>Cases made by others, beside the project; tests that need them skip where they are absent.</summary>
internal static class TestData
{
    /// <summary>The folder: <c>PORTCULLIS_TEST_DATA</c>, or <c>shared/data</c> beside any directory above the tests.</summary>
    public static string Root { get; } = Environment.GetEnvironmentVariable("PORTCULLIS_TEST_DATA") ?? Find();

    /// <summary>Skips the test where the folder is absent; under <c>PORTCULLIS_TEST_REQUIRE_ALL=1</c> it fails instead.</summary>
    public static void RequireDirectory(string path)
    {
        if (Directory.Exists(path)) return;
        var reason = $"needs {path}: set PORTCULLIS_TEST_DATA to the folder of test data";
        if (Environment.GetEnvironmentVariable("PORTCULLIS_TEST_REQUIRE_ALL") == "1") Assert.Fail(reason);
        Assert.Skip(reason);
    }

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "shared", "data");
            if (Directory.Exists(candidate)) return candidate;
        }

        return Path.Combine(AppContext.BaseDirectory, "shared", "data");
    }
}
