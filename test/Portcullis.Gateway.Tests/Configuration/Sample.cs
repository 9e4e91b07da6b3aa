namespace Portcullis.Gateway.Tests.Configuration;

/// <summary>Files beside the tests.</summary>
internal static class Sample
{
    public static string Path(string name) => System.IO.Path.Combine(Repository.Root, "test", "Portcullis.Gateway.Tests", "Configuration", "Samples", name);
}
