using Portcullis.Control.Storage;
using Portcullis.EndToEnd.Tests.Nodes;
using Portcullis.Gateway.Configuration;

namespace Portcullis.EndToEnd.Tests.Commands;

/// <summary>Verbs in scripts get names and labels that somebody else chose, and directories that are not what they seem.</summary>
public sealed class HostileArgumentsTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task An_argument_that_begins_with_an_at_sign_means_itself_and_reads_no_file()
    {
        directory.Write("secret.txt", "the content of a file\n");
        var (code, output, error) = await GatewayProcess.RunAsync(directory.Path, "explain", "@secret.txt");
        Assert.Equal((1, string.Empty), (code, output));
        Assert.Contains("@secret.txt is no request id", error, StringComparison.Ordinal);
        Assert.DoesNotContain("content", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "explain", "\u001b[2J")]
    [InlineData(2, "frob\u001b[2J")]
    [InlineData(2, "user", "list", "--output", "\u001b[2J")]
    [InlineData(1, "user", "list", "--data", "\u001b[2J\u202e")]
    [InlineData(1, "key", "list", "--data", "\u001b[2J")]
    [InlineData(1, "role", "list", "--config", "\u001b[2J")]
    public async Task What_was_typed_does_not_move_the_cursor_of_whoever_reads_the_complaint(int expected, params string[] arguments)
    {
        var (code, output, error) = await GatewayProcess.RunAsync(directory.Path, arguments);
        Assert.Equal((expected, string.Empty), (code, output));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains("  hint: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain(error, character => character is '\u001b' or '\u202e');
    }

    [Fact]
    public async Task A_complaint_is_two_lines_however_long_what_was_typed()
    {
        var (code, _, error) = await GatewayProcess.RunAsync(directory.Path, "explain", new string('a', 100_000) + "\nerror: another line");
        Assert.Equal(1, code);
        Assert.InRange(error.Length, 1, 5000);
        Assert.Equal(2, error.Trim().Split('\n').Length);
    }

    // Under keys of its own making a verb would take everybody for erased, and seal what the gateway can't open.
    [Theory]
    [InlineData("user", "list")]
    [InlineData("apikey", "list")]
    [InlineData("key", "list")]
    [InlineData("key", "rotate", "wrapping")]
    [InlineData("key", "rotate", "data")]
    [InlineData("key", "destroy", "x")]
    public async Task A_verb_makes_no_keys_where_those_of_the_gateway_are_gone(params string[] arguments)
    {
        var data = DataDirectory.Open(directory.At("data"));
        await (await Store.OpenAsync(data, new StorageOptions())).DisposeAsync();
        var (code, output, error) = await GatewayProcess.RunAsync(directory.Path, [.. arguments, "--data", "data"]);
        Assert.Equal((1, string.Empty), (code, output));
        Assert.Contains("there are no keys in ", error, StringComparison.Ordinal);
        Assert.Empty(Directory.Exists(data.Keys) ? Directory.GetFileSystemEntries(data.Keys) : []);
    }
}
