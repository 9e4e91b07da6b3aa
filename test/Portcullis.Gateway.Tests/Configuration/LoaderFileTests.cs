using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies;

namespace Portcullis.Gateway.Tests.Configuration;

public sealed class LoaderFileTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ConfigurationLoader loader = new(PolicyKinds.All, new Dictionary<string, string>());

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_file_is_loaded() => Assert.NotNull(loader.LoadFile(directory.Write("portcullis.yaml", Load.Minimal)).Options);

    [Fact]
    public void A_missing_file_is_an_error() => Refused("none.yaml", "the file does not exist");

    [Fact]
    public void A_missing_directory_is_an_error() => Refused("none/portcullis.yaml", "the file does not exist");

    [Fact]
    public void A_directory_is_an_error()
    {
        Directory.CreateDirectory(Path.Combine(directory.Path, "portcullis.yaml"));
        Refused("portcullis.yaml", "the file is a directory, not a file");
    }

    [Fact]
    public void A_broken_link_is_an_error_that_names_its_target()
    {
        File.CreateSymbolicLink(Path.Combine(directory.Path, "link.yaml"), "../gone.yaml");
        Refused("link.yaml", "the file is a symbolic link to '../gone.yaml', which does not exist");
    }

    [Fact]
    public void A_link_to_itself_is_an_error()
    {
        File.CreateSymbolicLink(Path.Combine(directory.Path, "loop.yaml"), "loop.yaml");
        Assert.Null(loader.LoadFile(Path.Combine(directory.Path, "loop.yaml")).Options);
    }

    [Fact]
    public void A_file_without_end_is_an_error() => Refused("/dev/zero", "the file is larger than 4MiB");

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void An_impossible_name_is_an_error(string name)
        => Assert.Equal("the file is not a valid file name", Assert.Single(loader.LoadFile(name).Problems.All).Message);

    private void Refused(string name, string message)
    {
        var result = loader.LoadFile(Path.Combine(directory.Path, name));

        Assert.Null(result.Options);
        Assert.Equal(message, Assert.Single(result.Problems.All).Message);
    }
}
